"""WSTG-SESS-06: after the sign-out nothing signs in again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class NothingSignsInAgain(Requirement):
    """Visits the site and ``private`` again after the sign-out."""

    wstg, name = "WSTG-SESS-06", "nothing signs in again by itself"
    asvs, level = "v5.0.0-7.6.2", 2
    sentence = "A session begins only by an action of the person."
    needs = ("sign_out",)

    def judge(self, audit: RunningAudit) -> Finding:
        person = audit.person
        audit.check_that_it_signs_out()
        if audit.is_signed_out:
            audit.note("had signed out before")
        else:
            audit.sign_in()
            person.take(audit.way_out)
        for path in ("/", audit.account.private):
            if person.look(path, expected=False):
                return failed(f"after the sign-out a visit to {path} shows {person.what}: it signs in by itself.")
        return passed()
