"""Defines what a scenario of a lifetime must do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.steps import Steps

if TYPE_CHECKING:
    from cookieproof.promises.scenario_run import ScenarioRun


class Scenario(Protocol):
    """A course of events that proves a part of a lifetime. Each is a file in ``scenarios``.

    ``name`` is the scenario's name in failures. ``steps`` yields what the scenario needs next (``RunStep``,
    ``ProbeCookie``, ``Restart``) until the part is proven; ``run.broken`` ends it if the promise is broken. A need
    with a date (``ProbeCookie(due)``) comes after ``Restart``, which all lifetimes of a list share.
    """

    name: str

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        """Return whether the scenario proves something of this lifetime; ``moves_clock``: the clock can be moved."""

    def steps(self, run: ScenarioRun) -> Steps:
        """Yield what the scenario needs, one need after the other, for a run at a host of its own."""
