"""WSTG-SESS-06: no page of another site can sign somebody out."""

from __future__ import annotations

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
        audit.sign_in()
        url, target = audit.person.origin + (asked.target or asked.path), printable(asked.target or asked.path)
        for what, script in {"a picture": PICTURE, "a link": LINK}.items():
            audit.attacker.runs(script, url)
            if not audit.person.look(audit.account.private, expected=True):
                return warning(f"{what} on a page of another site, to {target}, signs somebody out.")
        return self._by_a_form(audit, _forms(asked, url), target) if asked.method == "POST" else passed()

    def _by_a_form(self, audit: RunningAudit, forms: list[ForgedForm], target: str) -> Finding:
        copy = audit.copy(works=not audit.no_copies)
        for form in forms:
            audit.attacker.submits(form)
            if not audit.person.look(audit.account.private, expected=True):
                return warning(f"a form on a page of another site, to {target}, signs somebody out.")
        if audit.no_copies:
            return passed(f"whether SameSite alone prevents it was not looked at: {audit.no_copies}")
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
