"""The scenario in which the cookie is deleted half-way to its end, or an hour later."""

from __future__ import annotations

from datetime import timedelta

from cookieproof.promises import parts
from cookieproof.promises.lifetimes import WITH_THE_BROWSER, Lifetime
from cookieproof.promises.scenario_run import ScenarioRun
from cookieproof.promises.scenarios.deletion import delete
from cookieproof.promises.steps import ProbeCookie, ProbeResult, Restart, RunStep, Steps, Visit

AN_HOUR = timedelta(hours=1)  # until whoever signs out comes late


class DeletedLate:
    """Deletes the cookie late: what deletes it may have ended before, as a token of some minutes."""

    name = "deleted late"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return lifetime.is_of_a_cookie and moves_clock and lifetime.deleted_by is not None

    def steps(self, run: ScenarioRun) -> Steps:
        if run.lifetime.lasts == WITH_THE_BROWSER:
            yield Restart()
            yield from parts.cookie_set(run)
            yield from parts.looked_at(run, "once it is set")
            due, when = run.visitor.clock.now() + AN_HOUR, "an hour later"
        else:
            yield from parts.cookie_set(run)
            # Whoever is known in one browser at a time is so in the last that signed in, which may be this one.
            yield from parts.looked_at(run, "once it is set")
            yield Restart()
            due, when = run.end - (run.end - run.begin) / 2, "half-way to its end"
        answer: ProbeResult = yield ProbeCookie(due)
        if not answer.sent:
            return  # it has ended already, of which another scenario tells
        lifetime = run.lifetime
        if lifetime.shows and callable(lifetime.deleted_by):
            # Whoever comes to press a button sees first whether they are still signed in.
            visit: Visit = yield RunStep(lifetime.path, shows=False)
            if not visit.problem and not visit.shown:
                return
        yield from delete(run, when)
