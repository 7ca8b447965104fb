"""WSTG-SESS-01: a value is not too weak, as far as a few values tell."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.promises.audit.values import weakness

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit

MOST_VALUES, FEWEST_VALUES, SECONDS = 30, 4, 4.0


class AValueCannotBeGuessed(Requirement):
    """Signs in some more times. It can prove that the values are too weak, and never that they are strong enough."""

    wstg, name = "WSTG-SESS-01", "a session's value cannot be guessed"
    asvs, level = "v5.0.0-7.2.3", 1
    sentence = "A value that stands for a session is random, with at least 128 bits."

    def __init__(self, seconds: float = SECONDS) -> None:
        """``seconds`` is for how long it goes on signing in, up to 30 values."""
        self._seconds = seconds

    def judge(self, audit: RunningAudit) -> Finding:
        copies = [audit.session.copy, audit.first.copy]
        until = time.monotonic() + self._seconds
        while len(copies) < MOST_VALUES and (time.monotonic() < until or len(copies) < FEWEST_VALUES):
            audit.sign_in()
            copies.append(audit.copy())
        for part in audit.session.parts:
            values = [value for copy in copies if (value := copy.value(part))]
            if why := weakness(values):
                return failed(f"the value of the {part} can be guessed: {why} ({len(values)} values were compared).")
        return passed(f"{len(copies)} values showed no weakness, which does not prove that there is none")
