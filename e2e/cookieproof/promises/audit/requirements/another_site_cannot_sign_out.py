"""WSTG-SESS-06: no page of another site can sign somebody out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, not_decidable, passed, warning
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit

PICTURE = "url => new Promise(done => Object.assign(new Image(), {onload: done, onerror: done, src: url}))"
LINK = "url => { location.href = url; }"


class AnotherSiteCannotSignOut(Requirement):
    """Has a page of another site ask for the request of ``sign_out``, as for a picture and by a link."""

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
        for what, script in {"a picture": PICTURE, "a link": LINK}.items():
            audit.attacker.runs(script, audit.person.origin + (asked.target or asked.path))
            if not audit.person.look(audit.account.private, expected=True):
                return warning(f"{what} on a page of another site, to {asked.target}, signs somebody out.")
        return passed()
