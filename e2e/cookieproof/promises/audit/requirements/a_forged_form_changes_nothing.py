"""WSTG-SESS-05: a form that a page of another site sends changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class AForgedFormChangesNothing(Requirement):
    """Sends the form of ``change`` from another site: without its hidden fields, and with those of another session."""

    wstg, name = "WSTG-SESS-05", "a forged form changes nothing"
    asvs, level = "v5.0.0-3.5.1", 1
    sentence = "Requests that change something are known to come from the site itself."
    needs = ("change",)

    def judge(self, audit: RunningAudit) -> Finding:
        forging = audit.forging
        finding = forging.attempt("the form without its token", "POST", "form", in_browser=True)
        if finding.outcome != "passed" or not forging.others_token:
            return finding
        return forging.attempt("the form with another session's token", "POST", "form", token=True)
