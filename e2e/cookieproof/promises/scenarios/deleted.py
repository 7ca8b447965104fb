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
        # A visit of the page comes first, as people do: it may set the cookie again, or keep a copy elsewhere.
        if run.lifetime.shows:
            yield from parts.check_page_twice(run)
        else:
            yield from parts.take_step(run, run.lifetime.path, "path=")
        yield from delete(run, "")
        yield Restart()
        if not (run.set_anew or run.lifetime.shows):
            otherwise = "is sent again after its deletion, once the browser was closed and opened"
            yield from parts.is_gone(run, otherwise)
        if run.lifetime.shows:
            yield from parts.visit_after_end(run, f"after its deletion, {parts.RESTARTED}")
