"""WSTG-SESS-04: browsers store no private answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class PrivateAnswersAreNotStored(Requirement):
    """Reads the headers of all answers of which somebody without the session gets others."""

    wstg, name = "WSTG-SESS-04", "private answers are not stored"
    asvs, level = "v5.0.0-14.3.2", 2
    sentence = "Answers that only the signed-in get say Cache-Control: no-store."

    def judge(self, audit: RunningAudit) -> Finding:
        for copy in audit.session.private:
            said = copy.witness.live.header("cache-control")
            if "no-store" not in said.lower():
                lines = [f"Cache-Control: {said or 'none'}"]
                return failed(
                    f"the answer to {copy.witness.method} {copy.witness.target} is private and not no-store.", lines
                )
        return passed()
