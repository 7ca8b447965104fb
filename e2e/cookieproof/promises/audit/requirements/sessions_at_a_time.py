"""WSTG-SESS-11: as many sessions live at a time as is promised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class SessionsAtATime(Requirement):
    """Signs in as often as is promised and once more, or twice; then tries the oldest and the newest session."""

    wstg, name = "WSTG-SESS-11", "so many sessions at a time as promised"
    asvs, level = "v5.0.0-7.1.2", 2
    sentence = "As many sessions of one account live at a time as is promised."
    needs = ("concurrent",)

    def judge(self, audit: RunningAudit) -> Finding:
        allowed = audit.account.concurrent
        most = 1 if allowed is False else 2 if allowed is True else int(allowed or 1)
        copies = [audit.signed_in() for _ in range(most)]
        for which, copy in {"oldest": copies[0], "newest": copies[-1]}.items():
            if not audit.opens(copy):
                return failed(f"of {most} sessions at a time, which are promised, the {which} has ended.")
        if allowed is True:
            return passed()
        newest = audit.signed_in()
        if audit.opens(copies[0]):
            return failed(f"{most + 1} sessions of one account live at a time, and {most} is promised to be the most.")
        if not audit.opens(newest):
            return failed("the newest session has ended, and not the oldest.")
        return passed()
