"""Requests that a page of another site forges: the form of ``change``, sent from there without its token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from cookieproof.browser import pages
from cookieproof.promises.audit.attacker import ELSEWHERE
from cookieproof.promises.audit.finding import Finding, Undecidable, failed, passed, warning
from cookieproof.promises.audit.renewals import raw_pairs
from cookieproof.words import printable

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit

FORMS = """() => [...document.forms].map(form => ({
  path: new URL(form.getAttribute("action") ?? "", document.baseURI).pathname,
  fields: [...form.elements].filter(each => each.name).map(each => [each.name, each.type, each.value]),
}))"""
TEXT = "document.body.innerText"
SUBMIT = """([url, method, enctype, fields]) => {
  const form = Object.assign(document.createElement("form"), {action: url, method, enctype});
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("input"), {type: "hidden", name, value}));
  }
  document.body.append(form);
  HTMLFormElement.prototype.submit.call(form);
}"""
UNCHANGED = ("hidden", "submit", "button", "checkbox", "radio", "file", "password")
TYPES = {"form": "application/x-www-form-urlencoded", "text": "text/plain"}


class Forging:
    """One life in which requests are forged. ``fields`` are those of the form that a person fills in."""

    def __init__(self, audit: RunningAudit) -> None:
        """Sign in twice, once for another's token, and see that the page is the same each time."""
        self._audit, self._number = audit, 0
        audit.sign_in(audit.account.another, seen=audit.account.another is None)
        self.others_token = self._hidden()
        audit.sign_in()
        self.fields = self._form()
        self._copy = audit.copy()
        first = self._text()
        if self._text() != first:
            raise Undecidable(
                f"{audit.account.private} is another at each visit, so nothing tells whether it was changed"
            )

    def attempt(self, what: str, method: str, kind: str, *, token: bool = False) -> Finding:
        """Send the form from a page of another site; and if that changes nothing, with a cookie that is always sent.

        ``what`` names it in a sentence; ``kind`` is "form" or "text". ``token`` adds another session's.
        """
        audit, before = self._audit, self._text()
        self._number += 1
        fields = {name: f"forged {self._number}" for name in self.fields} | (self.others_token if token else {})
        url, enctype = audit.person.origin + self._path, TYPES[kind]
        audit.attacker.runs(SUBMIT, [url, method.lower(), enctype, fields])
        audit.note(f"a page of another site sent {what}")
        if self._text() != before:
            return failed(f"{what} from another site is accepted: it has changed what the page shows.")
        self._send(method, kind, fields)
        audit.note(f"{what} was sent with the session's cookie, outside the browser")
        if self._text() != before:
            return warning(f"only the cookie's SameSite keeps {what} of another site from being accepted.")
        return passed()

    def _send(self, method: str, kind: str, fields: Mapping[str, str]) -> None:
        audit, encoded = self._audit, urlencode(fields)
        body = (
            "" if method == "GET" else encoded if kind == "form" else "".join(f"{k}={v}\r\n" for k, v in fields.items())
        )
        target = f"{self._path}?{encoded}" if method == "GET" else self._path
        origin = audit.person.site.at(ELSEWHERE, https=audit.person.is_secure)
        sent = {"origin": origin, "referer": f"{origin}/", "sec-fetch-site": "cross-site", "content-type": TYPES[kind]}
        audit.follow()
        copy = self._copy.renewed(audit.outside)
        kept = [(name, value) for name, value in copy.exchange.asked if name.lower() not in sent]
        answer = audit.outside.ask(method, audit.person.origin, target, [*kept, *sent.items()], body.encode())
        audit.outside.renewals.learn(raw_pairs(copy.exchange), answer.set_cookies)

    @property
    def _path(self) -> str:
        assert self._audit.account.change is not None
        return self._audit.account.change

    def _text(self) -> str:
        """Visit the page and return what it shows."""
        self._audit.person.look(self._audit.account.private, expected=True)
        return str(pages.evaluate(self._audit.person.page, TEXT))

    def _found(self) -> list[tuple[str, str, str]]:
        forms = pages.evaluate(self._audit.person.page, FORMS)
        found = next((form for form in forms if form["path"] == urlsplit(self._path).path), None)
        if found is None:
            raise Undecidable(f"{self._audit.account.private} has no form that posts to {printable(self._path)}")
        return [(name, kind, value) for name, kind, value in found["fields"]]

    def _hidden(self) -> dict[str, str]:
        return {name: value for name, kind, value in self._found() if kind == "hidden"}

    def _form(self) -> list[str]:
        if fields := [name for name, kind, _ in self._found() if kind not in UNCHANGED]:
            return fields
        raise Undecidable(f"the form that posts to {printable(self._path)} has no field for a text")
