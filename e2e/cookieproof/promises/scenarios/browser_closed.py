"""The browser is closed."""

from __future__ import annotations

from cookieproof.promises import parts
from cookieproof.promises.lifetimes import WITH_THE_BROWSER, Lifetime, in_words
from cookieproof.promises.scenario import Scenario
from cookieproof.promises.steps import Restart, Steps

VISITS = 3  # in a row: some sites give it an age late


class BrowserClosed:
    """Somebody comes by some times, which may give it an age, and then closes the browser."""

    name = "browser closed"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return lifetime.lasts == WITH_THE_BROWSER

    def steps(self, scenario: Scenario) -> Steps:
        yield from parts.cookie_set(scenario)
        path = in_words(scenario.lifetime.path)
        if scenario.held and scenario.held.expires:
            pass  # no visit may take that from it before the browser is closed
        elif scenario.lifetime.shows:
            yield from parts.looked_at_twice(scenario)
            yield from parts.looked_at(scenario, "at the third visit")
        else:
            for _ in range(VISITS):
                yield from parts.taken(scenario, scenario.lifetime.path, "path=")
            yield from parts.is_sent(scenario, f"is not sent any more after a visit to {path}")
        had_an_age = bool(scenario.held and scenario.held.expires)
        yield Restart()
        yield from parts.is_gone(scenario, f"is still sent {parts.RESTARTED}")
        if had_an_age:
            scenario.broken("is set with an age, which was over by chance when the browser was opened again")
        yield from parts.come_back(scenario, parts.RESTARTED)
