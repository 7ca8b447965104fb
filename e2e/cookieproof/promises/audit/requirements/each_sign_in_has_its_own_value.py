"""WSTG-SESS-01: two sign-ins give two values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.words import shown

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class EachSignInHasItsOwnValue(Requirement):
    """Compares the values of two sign-ins at least a second apart."""

    wstg, name = "WSTG-SESS-01", "each sign-in gives another value"
    asvs, level = "v5.0.0-7.2.2", 1
    sentence = "Sessions are told apart by values that are made anew, not by a fixed key."

    def judge(self, audit: RunningAudit) -> Finding:
        first, second = audit.session.copy, audit.first.copy
        for each in audit.session.sets:
            parts = sorted(each, key=str)
            if all(first.value(part) == second.value(part) for part in parts):
                value = shown(first.value(parts[0]) or "")
                return failed(f"two sign-ins gave the same {' and '.join(map(str, parts))}: {value}.")
        return passed()
