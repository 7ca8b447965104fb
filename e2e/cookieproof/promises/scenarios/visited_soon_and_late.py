"""The scenario in which the site is visited soon after the cookie was set, and in the last tenth of its time."""

from __future__ import annotations

from datetime import timedelta

from cookieproof.promises import parts
from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.scenario_run import ScenarioRun
from cookieproof.promises.steps import Restart, Steps

SOON = timedelta(seconds=3)  # at least: an earlier visit moves no date by a whole second
NEAR = timedelta(seconds=6)  # a visit that comes later may come too late


class VisitedSoonAndLate:
    """Visits the site soon after the cookie was set, and in the last tenth of the cookie's time."""

    name = "visited soon and late"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return lifetime.is_of_a_cookie and isinstance(lifetime.lasts, timedelta)

    def steps(self, run: ScenarioRun) -> Steps:
        yield from parts.cookie_set(run)
        yield from parts.check_page(run, "once it is set")
        yield Restart()
        lasts = run.end - run.begin
        yield from parts.visited(run, "soon after it was set", run.begin + max(lasts / 20, SOON))
        yield from parts.visited(run, "in the last tenth of its time", run.end - max(lasts / 20, NEAR))
