"""The scenario in which the site is visited just before the cookie's end."""

from __future__ import annotations

from datetime import timedelta

from cookieproof.promises import parts
from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.scenario_run import BEFORE, ScenarioRun
from cookieproof.promises.steps import Restart, Steps


class VisitedAtTheLastMoment:
    """Visits the site for the first time just before the cookie's end: the page must still show what is promised."""

    name = "visited at the last moment"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return lifetime.is_of_a_cookie and isinstance(lifetime.lasts, timedelta) and lifetime.shows is not None

    def steps(self, run: ScenarioRun) -> Steps:
        yield from parts.cookie_set(run)
        yield Restart()
        first_end = run.end
        yield from parts.visited(run, "just before its end", run.end - BEFORE)
        if run.end > first_end:
            yield from parts.visited(run, "just before the end to which it was renewed", run.end - BEFORE)
            yield from parts.renewed_in_a_row(run)
