"""What each scenario of a lifetime must promise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.steps import Steps

if TYPE_CHECKING:
    from cookieproof.promises.scenario_run import ScenarioRun


class Scenario(Protocol):
    """A course of events that proves a part of a lifetime. One is a file in ``scenarios``.

    ``name`` is how failures call it, in words. ``steps`` yields what it needs next (``RunStep``, ``ProbeCookie``,
    ``Restart``) until the part is proven; ``run.broken`` ends it, once the promise is broken. What has a date
    (``ProbeCookie(due)``) comes after ``Restart``, which all lifetimes of a list share.
    """

    name: str

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        """Whether it proves something of this lifetime, where the clock can or cannot be moved."""

    def steps(self, run: ScenarioRun) -> Steps:
        """Yield what the scenario needs, one after the other, for a run of it at a host of its own."""
