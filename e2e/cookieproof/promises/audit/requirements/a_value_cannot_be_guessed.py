"""WSTG-SESS-01: a value is not too weak, as far as a few values tell."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cookieproof.promises.audit import replays
from cookieproof.promises.audit.finding import Finding, Undecidable, failed, not_decidable, passed
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.promises.audit.values import weakness

if TYPE_CHECKING:
    from cookieproof.promises.audit.copies import Part
    from cookieproof.promises.audit.running_audit import RunningAudit

MOST_VALUES, FEWEST_VALUES, SECONDS = 30, 4, 7.0


class AValueCannotBeGuessed(Requirement):
    """Signs in some more times. It can prove that the values are too weak, and never that they are strong enough.

    It sends the requests of a sign-in again outside the browser; where that signs nobody in, the page does it.
    Of what remembers a person the values of two sign-ins are compared.
    """

    wstg, name = "WSTG-SESS-01", "a session's value cannot be guessed"
    asvs, level = "v5.0.0-7.2.3", 1
    sentence = "A value that stands for a session is random, with at least 128 bits."

    def __init__(self, most: int = MOST_VALUES, seconds: float = SECONDS) -> None:
        """``most`` is how many values are compared, ``seconds`` for how long the page goes on signing in."""
        self._most, self._seconds = most, seconds

    def judge(self, audit: RunningAudit) -> Finding:
        most = FEWEST_VALUES if audit.attempts else self._most
        values = [audit.session.values(each) for each in (audit.session.copy, audit.first.copy)]
        values += (replayed := replays.values_of(audit, most - len(values)))
        until, used_up = time.monotonic() + self._seconds, ""
        while len(values) < FEWEST_VALUES or (not replayed and len(values) < most and time.monotonic() < until):
            try:
                audit.sign_in()
            except Undecidable as why:  # two or three values may prove that they are too weak, too
                used_up = str(why)
                break
            values.append(audit.session.values(audit.copy(works=False)))
        if found := _guessed(audit.session.sets, values):
            return found
        if found := _guessed(audit.remembered.sets, audit.remembered.values()):
            return found
        if used_up:
            return not_decidable(f"{used_up}, and {len(values)} values showed no weakness")
        how = f"{len(replayed)} by replayed requests" if replayed else "all by the page"
        return passed(f"{len(values)} values ({how}) showed no weakness, which does not prove that there is none")


def _guessed(sets: Sequence[frozenset[Part]], values: Sequence[Mapping[Part, str]]) -> Finding | None:
    """Return what fails where one of the sets has values that are too weak, all its parts taken together."""
    for each in sets:
        parts = sorted(each, key=str)
        of_set = [".".join(of_life[part] for part in parts) for of_life in values if each <= of_life.keys()]
        if why := weakness(of_set):
            names = " with the ".join(map(str, parts))
            return failed(f"the value of the {names} can be guessed: {why} ({len(of_set)} values were compared).")
    return None
