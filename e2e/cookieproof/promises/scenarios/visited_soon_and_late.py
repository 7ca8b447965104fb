"""Somebody comes by soon, and in the last tenth of its time."""

from __future__ import annotations

from datetime import timedelta

from cookieproof.promises import parts
from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.scenario_run import ScenarioRun
from cookieproof.promises.steps import Restart, Steps

SOON = timedelta(seconds=3)  # at the least: a visit that comes sooner moves no date by a whole second
NEAR = timedelta(seconds=6)  # a visit that comes later may come too late


class VisitedSoonAndLate:
    """Somebody comes by soon, and in the last tenth of its time."""

    name = "visited soon and late"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return lifetime.is_of_a_cookie and isinstance(lifetime.lasts, timedelta)

    def steps(self, run: ScenarioRun) -> Steps:
        yield from parts.cookie_set(run)
        yield from parts.looked_at(run, "once it is set")
        yield Restart()
        lasts = run.end - run.begin
        yield from parts.visited(run, "soon after it was set", run.begin + max(lasts / 20, SOON))
        yield from parts.visited(run, "in the last tenth of its time", run.end - max(lasts / 20, NEAR))
