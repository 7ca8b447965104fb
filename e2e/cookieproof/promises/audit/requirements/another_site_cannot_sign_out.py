"""WSTG-SESS-06: no page of another site can sign somebody out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from cookieproof.promises.audit.cookies_seen import asked_for
from cookieproof.promises.audit.finding import Finding, not_decidable, passed, warning
from cookieproof.promises.audit.forged_form import ASKS, Asks, ForgedForm
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.words import printable

if TYPE_CHECKING:
    from cookieproof.cookies.exchange import Exchange
    from cookieproof.promises.audit.copies import Copy
    from cookieproof.promises.audit.running_audit import RunningAudit

PICTURE = "url => new Promise(done => Object.assign(new Image(), {onload: done, onerror: done, src: url}))"
LINK = "url => { location.href = url; }"
Attempt = tuple[str, Callable[[], object]]


class AnotherSiteCannotSignOut(Requirement):
    """Has a page of another site ask for the request of ``sign_out``: as for a picture, by a link and by a form.

    A form has the fields that were recorded, whose token is another session's, and then none; where the browser keeps
    the cookie back it is sent outside it, as one would that ignores SameSite.
    """

    wstg, name = "WSTG-SESS-06", "another site cannot sign somebody out"
    asvs, level = "", 1
    sentence = "No page of another site can sign somebody out."
    needs = ("sign_out",)

    def judge(self, audit: RunningAudit) -> Finding:
        asked = audit.sign_out_request
        if asked is None:
            return not_decidable("sign_out asks the site for nothing")
        audit.check_that_it_signs_out()
        url, target = audit.person.origin + (asked.target or asked.path), printable(asked.target or asked.path)
        forms = _forms(asked, url) if asked.method == "POST" else []
        attempts: list[Attempt] = [
            ("a picture", lambda: audit.attacker.runs(PICTURE, url)),
            ("a link", lambda: audit.attacker.runs(LINK, url)),
            *(("a form", partial(audit.attacker.submits, form)) for form in forms),
        ]
        audit.sign_in()
        # All of them together, since a visit after each takes its time, and most sites withstand them all.
        together = ("a picture, a link or a form", lambda: [attempt() for _, attempt in attempts])
        if ends := self._first_that_ends(audit, [together]):
            if audit.may_sign_in:
                audit.sign_in()
                ends = self._first_that_ends(audit, attempts) or ends
            return warning(f"{ends} on a page of another site, to {target}, signs somebody out.")
        return self._outside(audit, forms, target) if forms else passed()

    def _first_that_ends(self, audit: RunningAudit, attempts: Sequence[Attempt]) -> str:
        """Make these attempts, and name the first that signs somebody out; return an empty text if none does."""
        for what, attempt in attempts:
            attempt()
            if not audit.person.look(audit.account.private, expected=True):
                return what
        return ""

    def _outside(self, audit: RunningAudit, forms: list[ForgedForm], target: str) -> Finding:
        if audit.no_copies:
            return passed(f"whether SameSite alone prevents it was not looked at: {audit.no_copies}")
        copy = audit.copy()
        for form in forms:
            for asks in ASKS:
                if self._ends(audit, form, copy, asks):
                    return warning(
                        f"only the cookie's SameSite keeps a form on a page of another site, to {target}, from signing "
                        "somebody out."
                    )
        return passed()

    def _ends(self, audit: RunningAudit, form: ForgedForm, copy: Copy, asks: Asks) -> bool:
        answer = audit.attacker.sends(form, copy, asks)
        audit.note(f"a form to {printable(form.target)} was sent with the session's cookie, outside the browser")
        drops = any(each.name in audit.session.cookies and not each.value for each in answer.set_cookies)
        return drops or not audit.opens(copy)


def _forms(asked: Exchange, url: str) -> list[ForgedForm]:
    """Return the form as it was recorded, if it was one, and one without fields."""
    is_form = asked_for(asked, "content-type").startswith("application/x-www-form-urlencoded")
    fields = dict(parse_qsl((asked.asked_body or b"").decode("latin-1"), keep_blank_values=True)) if is_form else {}
    return [ForgedForm("POST", url, each) for each in ([fields, {}] if fields else [{}])]
