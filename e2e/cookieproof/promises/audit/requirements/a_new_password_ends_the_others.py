"""WSTG-SESS-11: who changes the password is rid of all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, not_decidable, passed, warning
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class ANewPasswordEndsTheOthers(Requirement):
    """Signs in twice, changes the password in the second session, and sends a copy of the first outside the browser."""

    wstg, name = "WSTG-SESS-11", "a new password ends the other sessions"
    asvs, level = "v5.0.0-7.4.3", 2
    sentence = "After a change of the password all other sessions end, or can be ended."
    needs = ("change_password",)

    def judge(self, audit: RunningAudit) -> Finding:
        change = audit.account.change_password
        assert change is not None
        other = audit.signed_in()
        audit.sign_in()
        if not audit.opens(other):
            return not_decidable("the site has ended the other session when somebody signed in again")
        audit.person.take(change)
        if audit.opens(other):
            return warning(
                "another session lives on after the password was changed. That is right only if the page offers to "
                "end it."
            )
        return passed()
