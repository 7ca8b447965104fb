"""WSTG-SESS-04: browsers store no private answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, failed, not_decidable, passed
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.promises.audit.texts import says
from cookieproof.words import printable

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class PrivateAnswersAreNotStored(Requirement):
    """Reads the headers of all answers of which somebody without the session gets others."""

    wstg, name = "WSTG-SESS-04", "private answers are not stored"
    asvs, level = "v5.0.0-14.3.2", 2
    sentence = "Answers that only the signed-in get say Cache-Control: no-store."

    def judge(self, audit: RunningAudit) -> Finding:
        if not audit.session.private:
            return self._of_page(audit)
        for copy in audit.session.private:
            said = copy.witness.live.header("cache-control")
            if "no-store" not in said.lower():
                lines = [f"Cache-Control: {said or 'none'}"]
                return failed(
                    f"the answer to {copy.witness.method} {copy.witness.target} is private and not no-store.", lines
                )
        return passed()

    def _of_page(self, audit: RunningAudit) -> Finding:
        """Judge the page that told in the browser who is signed in, where no copy can be sent."""
        copy = audit.session.copy
        said = copy.witness.live.header("cache-control")
        if "no-store" in said.lower():
            return passed(f"the answers beside {printable(copy.witness.target)} were not looked at: {audit.no_copies}")
        shows, live = audit.account.shows, copy.witness.live
        if isinstance(shows, str) and says(shows, live.body, live.content_type):
            return failed(
                f"the answer to {copy.witness.method} {copy.witness.target} is private and not no-store.",
                [f"Cache-Control: {said or 'none'}"],
            )
        return not_decidable(audit.no_copies)
