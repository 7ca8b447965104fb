"""The scenario in which the site is visited half-way to the cookie's end."""

from __future__ import annotations

from datetime import timedelta

from cookieproof.promises import parts
from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.scenario_run import AFTER, BEFORE, ScenarioRun
from cookieproof.promises.steps import Restart, Steps


class VisitedHalfWay:
    """Visits the site half-way to the cookie's end, and just before the end, unless the page has to be checked then."""

    name = "visited half way"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return lifetime.is_of_a_cookie and isinstance(lifetime.lasts, timedelta)

    def steps(self, run: ScenarioRun) -> Steps:
        yield from parts.cookie_set(run)
        yield Restart()
        moments = {"half-way to its end": (run.end - run.begin) / 2}
        if not run.lifetime.shows:  # else the visit may renew another sign-in, and has a scenario of its own
            moments["just before its end"] = BEFORE
        for when, left in moments.items():
            first_end = run.end
            yield from parts.visited(run, when, first_end - left)
            if run.end > first_end:
                yield from parts.is_sent(
                    run, "is not sent after its first end, though it was renewed", due=first_end + AFTER
                )
        if not run.lifetime.shows:
            yield from parts.renewed_in_a_row(run)
        if run.end > first_end:
            yield from parts.is_sent_before(run, run.end, run.end - BEFORE)
        yield from parts.is_gone_after(run, run.end)
        if not run.lifetime.shows:
            yield from parts.visit_after_end(run, "after its end")  # as somebody whose browser has seen the page
