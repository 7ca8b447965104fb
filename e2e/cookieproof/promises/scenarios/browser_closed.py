"""The scenario in which the browser is closed and opened again."""

from __future__ import annotations

from cookieproof.promises import parts
from cookieproof.promises.lifetimes import WITH_THE_BROWSER, Lifetime, in_words
from cookieproof.promises.scenario_run import ScenarioRun
from cookieproof.promises.steps import Restart, Steps

VISITS = 3  # in a row: some sites give the cookie an age at a later visit


class BrowserClosed:
    """Visits the site several times, since a visit may give the cookie an age, and then restarts the browser."""

    name = "browser closed"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return lifetime.is_of_a_cookie and lifetime.lasts == WITH_THE_BROWSER

    def steps(self, run: ScenarioRun) -> Steps:
        yield from parts.cookie_set(run)
        path = in_words(run.lifetime.path)
        if run.held and run.held.expires:
            pass  # no visit before the restart, since it may take the age away
        elif run.lifetime.shows:
            yield from parts.check_page_twice(run)
            yield from parts.check_page(run, "at the third visit")
        else:
            for _ in range(VISITS):
                yield from parts.take_step(run, run.lifetime.path, "path=")
            yield from parts.is_sent(run, f"is not sent any more after a visit to {path}")
        had_an_age = bool(run.held and run.held.expires)
        yield Restart()
        yield from parts.is_gone(run, f"is still sent {parts.RESTARTED}")
        if had_an_age:
            run.broken("is set with an age, which was over by chance when the browser was opened again")
        yield from parts.visit_after_end(run, parts.RESTARTED)
