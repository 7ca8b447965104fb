"""WSTG-SESS-01: two sign-ins give two values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.words import shown

if TYPE_CHECKING:
    from cookieproof.promises.audit.copies import Part
    from cookieproof.promises.audit.running_audit import RunningAudit


class EachSignInHasItsOwnValue(Requirement):
    """Compares the values of two sign-ins at least a second apart; of two by ``remember``, too."""

    wstg, name = "WSTG-SESS-01", "each sign-in gives another value"
    asvs, level = "v5.0.0-7.2.2", 1
    sentence = "Sessions are told apart by values that are made anew, not by a fixed key."

    def judge(self, audit: RunningAudit) -> Finding:
        copies = (audit.session.copy, audit.first.copy)
        found = _alike(audit.session.sets, [audit.session.values(each) for each in copies])
        return found or _alike(audit.remembered.sets, audit.remembered.values()) or passed()


def _alike(sets: Sequence[frozenset[Part]], values: Sequence[Mapping[Part, str]]) -> Finding | None:
    """Return what fails where all that one of the sets is made of came twice."""
    for each in sets:
        parts = sorted(each, key=str)
        came = [tuple(of_life.get(part, "") for part in parts) for of_life in values]
        if again := next((one for at, one in enumerate(came) if one in came[:at]), None):
            return failed(f"two sign-ins gave the same {' and '.join(map(str, parts))}: {shown(again[0])}.")
    return None
