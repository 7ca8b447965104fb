"""Requests that a page of another site forges: the form of ``change``, sent from there without its token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cookieproof.browser import pages
from cookieproof.promises.audit.finding import Finding, Undecidable, failed, passed, warning
from cookieproof.promises.audit.forged_form import ASKS, ForgedForm
from cookieproof.words import printable

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit

FORMS = """() => [...document.forms].map(form => ({
  path: new URL(form.getAttribute("action") ?? "", document.baseURI).pathname,
  fields: [...form.elements].filter(each => each.name).map(each => [each.name, each.type, each.value]),
}))"""
ONCE = {
    "unnamed": "once the page names no origin (Origin: null, and no Referer)",
    "alike": "once the name of its host begins with the site's (shop.example.attacker.example)",
}
TEXT = "document.body.innerText"
UNCHANGED = ("hidden", "submit", "button", "checkbox", "radio", "file", "password")


class Forging:
    """One life in which requests are forged. ``fields`` are those of the form that a person fills in."""

    def __init__(self, audit: RunningAudit) -> None:
        """Sign in twice, once for another's token, and see that the page is the same each time."""
        self._audit, self._number = audit, 0
        audit.sign_in(audit.account.another, seen=audit.account.another is None)
        self.others_token = self._hidden()
        audit.sign_in()
        self.fields = self._form()
        self._copy, self._shown = audit.copy(), ""
        first = self._text()
        if self._text() != first:
            raise Undecidable(
                f"{audit.account.private} is another at each visit, so nothing tells whether it was changed"
            )

    def attempt(self, what: str, method: str, kind: str, *, token: bool = False, in_browser: bool = False) -> Finding:
        """Send the form outside the browser, as a browser would from another site that ignores SameSite.

        It comes from a page that names its origin, from one that does not, as one in a sandboxed frame, and from a host
        whose name begins with the site's. What is accepted so is then sent by a page of another site, which tells
        whether the cookie's SameSite prevents it; with ``in_browser`` a page tries it in any case.

        ``what`` names it in a sentence; ``kind`` is as in ``ForgedForm``. ``token`` adds another session's.
        """
        audit, before = self._audit, self._text()
        others = self.others_token if token else {}
        form = ForgedForm(method, audit.person.origin + self._path, self._made_up(others), kind)
        if in_browser and (found := self._by_a_page(what, form, before)):
            return found
        signed_in = audit.sign_ins
        for asks in ASKS:
            audit.attacker.sends(form.having(self._made_up(others)), self._copy, asks)
            audit.note(f"{what} was sent with the session's cookie, outside the browser, its origin {asks}")
        text = self._text()
        # The first has ended the session, with which the others were sent: each of them is sent in one that lives.
        for asks in ASKS[1:] if audit.sign_ins > signed_in else ():
            if text == before:
                audit.attacker.sends(form.having(self._made_up(others)), self._copy, asks)
                text = self._text()
        if text == before:
            return passed()
        found = None if in_browser else self._by_a_page(what, form.having(self._made_up(others)), text)
        return found or self._told_apart(what, form, others)

    def _by_a_page(self, what: str, form: ForgedForm, before: str) -> Finding | None:
        """Have a page of another site submit the form; return None if the page shows what it did before."""
        self._audit.attacker.submits(form)
        self._audit.note(f"a page of another site sent {what}")
        if self._text() == before:
            return None
        return failed(f"{what} from another site is accepted: it has changed what the page shows.")

    def _told_apart(self, what: str, form: ForgedForm, others: Mapping[str, str]) -> Finding:
        """One that is sent with the cookie changes something: say from which pages, and whether a browser sends it."""
        audit, text = self._audit, self._text()
        for asks in ASKS:
            audit.attacker.sends(form.having(self._made_up(others)), self._copy, asks)
            if text != (text := self._text()):
                break
        if asks != "named":  # by which a page has tried it
            audit.attacker.submits(form.having(self._made_up(others)), asks)
            audit.note(f"a page of another site sent {what}, {ONCE[asks]}")
            if self._text() != text:
                return failed(f"{what} from another site is accepted, {ONCE[asks]}.")
        once = f", {ONCE[asks]}" if asks != "named" else ""
        return warning(f"only the cookie's SameSite keeps {what} of another site from being accepted{once}.")

    def _made_up(self, others: Mapping[str, str]) -> dict[str, str]:
        """Return new values of the fields, so that what was changed before is changed again."""
        self._number += 1
        return {name: f"forged {self._number}" for name in self.fields} | dict(others)

    @property
    def _path(self) -> str:
        assert self._audit.account.change is not None
        return self._audit.account.change

    def _text(self) -> str:
        """Visit the page and return what it shows.

        A site may end the session at a forged request. Then somebody signs in again, which is to show the same.
        """
        audit, before = self._audit, self._shown
        is_ended = not audit.person.look(audit.account.private, expected=True)
        if is_ended:
            audit.sign_in()
            self._copy = audit.copy()
        self._shown = str(pages.evaluate(audit.person.page, TEXT))
        if is_ended and self._shown != before:
            raise Undecidable(
                f"the site ends the session at a forged request, and {audit.account.private} is another in the next "
                "session, so nothing tells whether it was changed"
            )
        return self._shown

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
