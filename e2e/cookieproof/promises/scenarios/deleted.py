"""The scenario in which the cookie is deleted right after it was set."""

from __future__ import annotations

from cookieproof.promises import parts
from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.scenario_run import ScenarioRun
from cookieproof.promises.scenarios.deletion import delete
from cookieproof.promises.steps import Restart, Steps


class Deleted:
    """Deletes the cookie right after it was set."""

    name = "deleted"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return lifetime.is_of_a_cookie and lifetime.deleted_by is not None

    def steps(self, run: ScenarioRun) -> Steps:
        yield from parts.cookie_set(run)
        # Whoever signs out has seen the page, by which it may have been set once more, or kept in another place.
        if run.lifetime.shows:
            yield from parts.looked_at_twice(run)
        else:
            yield from parts.taken(run, run.lifetime.path, "path=")
        yield from delete(run, "")
        yield Restart()
        if not (run.set_anew or run.lifetime.shows):
            otherwise = "is sent again after its deletion, once the browser was closed and opened"
            yield from parts.is_gone(run, otherwise)
        if run.lifetime.shows:
            yield from parts.come_back(run, f"after its deletion, {parts.RESTARTED}")
