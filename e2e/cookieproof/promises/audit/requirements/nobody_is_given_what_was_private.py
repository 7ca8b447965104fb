"""WSTG-SESS-04: no cache between gives a private answer to somebody else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class NobodyIsGivenWhatWasPrivate(Requirement):
    """Asks for the same URLs without the session, right after they were answered to the signed-in."""

    wstg, name = "WSTG-SESS-04", "nobody else is given what was private"
    asvs, level = "v5.0.0-14.2.2", 2
    sentence = "No cache gives a private answer to somebody else."

    def judge(self, audit: RunningAudit) -> Finding:
        live = audit.live_copy().exchange
        for found in audit.session.private:
            copy = replace(found, exchange=replace(live, target=found.exchange.target))
            audit.opens(copy)
            if audit.opens(copy, only=()):
                return failed(
                    f"{copy.witness.method} {copy.witness.target} gives somebody without a session the private answer."
                )
        return passed()
