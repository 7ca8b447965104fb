"""The scenario in which the browser stays open for a while."""

from __future__ import annotations

from datetime import timedelta

from cookieproof.promises import parts
from cookieproof.promises.lifetimes import WITH_THE_BROWSER, Lifetime, in_words
from cookieproof.promises.scenario_run import ScenarioRun
from cookieproof.promises.steps import Restart, Steps
from cookieproof.words import duration

# Longer than a token of some minutes lasts: OWASP recommends that idle sessions end after 15 to 30 minutes.
A_WHILE = timedelta(minutes=20)


class AWhileLater:
    """The browser stays open for a while: who is signed in still is."""

    name = "a while later"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return (
            lifetime.is_of_a_cookie
            and moves_clock
            and lifetime.lasts == WITH_THE_BROWSER
            and lifetime.shows is not None
        )

    def steps(self, run: ScenarioRun) -> Steps:
        yield Restart()
        yield from parts.cookie_set(run)
        later = f"{duration(A_WHILE)} later, in the same browser"
        yield from parts.is_sent(run, f"is not sent {later}", due=run.visitor.clock.now() + A_WHILE)
        yield from parts.check_page(run, later)
        if run.held and run.held.expires:
            path, end = in_words(run.lifetime.path), run.held.expires
            run.broken(
                f"a visit to {path} {later} gives it an age: it outlives the browser, until {end:%Y-%m-%d %H:%M}"
            )
