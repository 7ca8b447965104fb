"""The scenario in which the site is visited just before and just after the window of renewal begins."""

from __future__ import annotations

from datetime import timedelta

from cookieproof.promises import parts
from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.scenario_run import TOO_NEAR, ScenarioRun
from cookieproof.promises.steps import Restart, Steps


class VisitedAtTheEdge:
    """Visits the site just before and just after the window begins in which visits renew the cookie."""

    name = "visited at the edge"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return (
            lifetime.is_of_a_cookie
            and isinstance(lifetime.lasts, timedelta)
            and lifetime.window < lifetime.lasts - 4 * TOO_NEAR
        )

    def steps(self, run: ScenarioRun) -> Steps:
        yield from parts.cookie_set(run)
        yield Restart()
        window, lasts = run.lifetime.window, run.end - run.begin
        edge = max(min(window, lasts - window) / 10, TOO_NEAR * 1.5)
        first_end = run.end
        yield from parts.visited(run, "before the time in which it is to be renewed", first_end - window - edge)
        if run.end == first_end:
            when = "as the time begins in which it is to be renewed"
            yield from parts.visited(run, when, first_end - window + edge)
