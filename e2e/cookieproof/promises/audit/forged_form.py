"""A form that another site makes, and the request that a browser sends for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlencode, urlsplit

from cookieproof.promises.audit.copies import Copy
from cookieproof.promises.audit.outside import Headers

# A page without a referrer policy names its origin; one with "no-referrer", or in a sandboxed frame, says "null".
# "alike": its host's name begins with the site's, as one that a site takes for its own which compares no whole origin.
Asks = Literal["named", "unnamed", "alike"]
ASKS: tuple[Asks, ...] = ("named", "unnamed", "alike")
TYPES = {"form": "application/x-www-form-urlencoded", "text": "text/plain", "json": "text/plain"}
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
    """``kind`` is how its fields are encoded: "form", "text", or "json", which is JSON in a body of plain text."""

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

    @property
    def sent_fields(self) -> Mapping[str, str]:
        """The fields of the form that a browser submits: for JSON one, in whose value the "=" of plain text stands."""
        if self.kind != "json":
            return self.fields
        return {json.dumps({**self.fields, "padding": ""}).removesuffix('"}'): '"}'}

    def having(self, fields: Mapping[str, str]) -> ForgedForm:
        """Return the same form with other fields."""
        return replace(self, fields=fields)

    def request(self, copy: Copy, origin: str, asks: Asks) -> tuple[Headers, bytes]:
        """Return headers and body as a browser sends them from a page of ``origin``, with the cookies of a copy.

        No page of another site can add a header such as Authorization, so those of the session are left out.
        """
        named = {"origin": "null"} if asks == "unnamed" else {"origin": origin, "referer": f"{origin}/"}
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
        return "".join(f"{name}={value}\r\n" for name, value in self.sent_fields.items())
