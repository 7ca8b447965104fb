"""Somebody comes by half-way to its end, and just before it."""

from __future__ import annotations

from datetime import timedelta

from cookieproof.promises import parts
from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.scenario import AFTER, BEFORE, Scenario
from cookieproof.promises.steps import Restart, Steps


class VisitedHalfWay:
    """Half-way to its end somebody comes by, and just before it, if nobody has to see what the page shows then."""

    name = "visited half way"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return isinstance(lifetime.lasts, timedelta)

    def steps(self, scenario: Scenario) -> Steps:
        yield from parts.cookie_set(scenario)
        yield Restart()
        moments = {"half-way to its end": (scenario.end - scenario.begin) / 2}
        if not scenario.lifetime.shows:  # else it revives what else may sign in, and is a course of its own
            moments["just before its end"] = BEFORE
        for when, left in moments.items():
            first_end = scenario.end
            yield from parts.visited(scenario, when, first_end - left)
            if scenario.end > first_end:
                yield from parts.is_sent(
                    scenario, "is not sent after its first end, though it was renewed", due=first_end + AFTER
                )
        if not scenario.lifetime.shows:
            yield from parts.renewed_in_a_row(scenario)
        if scenario.end > first_end:
            yield from parts.is_sent_before(scenario, scenario.end, scenario.end - BEFORE)
        yield from parts.is_gone_after(scenario, scenario.end)
        if not scenario.lifetime.shows:
            yield from parts.come_back(scenario, "after its end")  # as somebody whose browser has seen the page
