"""It is deleted at once."""

from __future__ import annotations

from cookieproof.promises import parts
from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.scenario import Scenario
from cookieproof.promises.scenarios.deletion import delete
from cookieproof.promises.steps import Restart, Steps


class Deleted:
    """It is deleted at once."""

    name = "deleted"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return lifetime.deleted_by is not None

    def steps(self, scenario: Scenario) -> Steps:
        yield from parts.cookie_set(scenario)
        # Whoever signs out has seen the page, by which it may have been set once more, or kept in another place.
        if scenario.lifetime.shows:
            yield from parts.looked_at_twice(scenario)
        else:
            yield from parts.taken(scenario, scenario.lifetime.path, "path=")
        yield from delete(scenario, "")
        yield Restart()
        if not (scenario.set_anew or scenario.lifetime.shows):
            otherwise = "is sent again after its deletion, once the browser was closed and opened"
            yield from parts.is_gone(scenario, otherwise)
        if scenario.lifetime.shows:
            yield from parts.come_back(scenario, f"after its deletion, {parts.RESTARTED}")
