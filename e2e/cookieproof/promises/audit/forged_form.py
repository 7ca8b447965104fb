"""A form that another site makes, and the request that a browser sends for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlencode, urlsplit

from cookieproof.promises.audit.copies import Copy
from cookieproof.promises.audit.outside import Headers

# A page without a referrer policy names its origin; one with "no-referrer", or in a sandboxed frame, says "null".
Asks = Literal["named", "unnamed"]
ASKS: tuple[Asks, Asks] = ("named", "unnamed")
TYPES = {"form": "application/x-www-form-urlencoded", "text": "text/plain"}
SUBMIT = """([url, method, enctype, fields, namesOrigin]) => {
  if (!namesOrigin) {
    document.head.append(Object.assign(document.createElement("meta"), {name: "referrer", content: "no-referrer"}));
  }
  const form = Object.assign(document.createElement("form"), {action: url, method, enctype});
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("input"), {type: "hidden", name, value}));
  }
  document.body.append(form);
  HTMLFormElement.prototype.submit.call(form);
}"""


@dataclass(frozen=True)
class ForgedForm:
    """``kind`` is how its fields are encoded: "form" or "text"."""

    method: str
    url: str
    fields: Mapping[str, str]
    kind: str = "form"

    @property
    def enctype(self) -> str:
        return TYPES[self.kind]

    @property
    def target(self) -> str:
        """Path and query; a GET has the fields there."""
        url = urlsplit(self.url)
        query = urlencode(self.fields) if self.method == "GET" else url.query
        return f"{url.path}?{query}" if query else url.path

    def having(self, fields: Mapping[str, str]) -> ForgedForm:
        """Return the same form with other fields."""
        return replace(self, fields=fields)

    def request(self, copy: Copy, origin: str, asks: Asks) -> tuple[Headers, bytes]:
        """Return headers and body as a browser sends them from a page of ``origin``, with the cookies of a copy.

        No page of another site can add a header such as Authorization, so those of the session are left out.
        """
        named = {"origin": origin, "referer": f"{origin}/"} if asks == "named" else {"origin": "null"}
        sent = {**named, "sec-fetch-site": "cross-site", "content-type": self.enctype}
        left_out = {"origin", "referer", *sent, *(part.name for part in copy.parts if part.kind == "header")}
        if self.method == "GET":  # which names no origin, and has no body
            sent = {name: value for name, value in sent.items() if name not in ("origin", "content-type")}
        kept = [(name, value) for name, value in copy.exchange.asked if name.lower() not in left_out]
        return [*kept, *sent.items()], self._body.encode()

    @property
    def _body(self) -> str:
        if self.method == "GET":
            return ""
        if self.kind == "form":
            return urlencode(self.fields)
        return "".join(f"{name}={value}\r\n" for name, value in self.fields.items())
