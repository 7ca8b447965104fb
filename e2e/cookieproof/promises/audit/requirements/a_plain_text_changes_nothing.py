"""WSTG-SESS-05: no request of a simple content type changes something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class APlainTextChangesNothing(Requirement):
    """Sends the fields of ``change`` from a page of another site as text/plain, and as JSON of that type."""

    wstg, name = "WSTG-SESS-05", "a request of plain text changes nothing"
    asvs, level = "v5.0.0-3.5.2", 1
    sentence = "Requests that browsers send to other sites without asking first change nothing."
    needs = ("change",)

    def judge(self, audit: RunningAudit) -> Finding:
        finding = audit.forging.attempt("the form as text/plain", "POST", "text")
        if finding.outcome != "passed":
            return finding
        return audit.forging.attempt("the form as JSON in text/plain", "POST", "json")
