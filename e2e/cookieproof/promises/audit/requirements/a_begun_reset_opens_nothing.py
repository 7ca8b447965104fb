"""WSTG-SESS-08: a password reset that is begun opens nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class ABegunResetOpensNothing(Requirement):
    """Begins a reset in a browser without a session, and visits ``private``."""

    wstg, name = "WSTG-SESS-08", "a begun password reset opens nothing"
    asvs, level = "", 1
    sentence = "What a password reset leaves in the session before it is finished opens nothing private."
    needs = ("reset_password",)

    def judge(self, audit: RunningAudit) -> Finding:
        step = audit.account.reset_password
        assert step is not None
        audit.person.begin_anew()
        audit.person.take(step)
        if audit.person.look(audit.account.private, expected=False):
            return failed(f"a password reset that was only begun shows {audit.person.what}.")
        return passed()
