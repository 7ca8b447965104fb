"""WSTG-SESS-05: no GET changes something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class AGetChangesNothing(Requirement):
    """Sends the fields of ``change`` by GET from a page of another site."""

    wstg, name = "WSTG-SESS-05", "a GET changes nothing"
    asvs, level = "v5.0.0-3.5.3", 1
    sentence = "GET requests change nothing."
    needs = ("change",)

    def judge(self, audit: RunningAudit) -> Finding:
        return audit.forging.attempt("the form by GET", "GET", "form")
