"""The scenario in which the cookie is deleted half-way to its end, or an hour later."""

from __future__ import annotations

from datetime import timedelta

from cookieproof.promises import parts
from cookieproof.promises.lifetimes import WITH_THE_BROWSER, Lifetime
from cookieproof.promises.scenario_run import ScenarioRun
from cookieproof.promises.scenarios.deletion import delete
from cookieproof.promises.steps import ProbeCookie, ProbeResult, Restart, RunStep, Steps, Visit

AN_HOUR = timedelta(hours=1)  # from the sign-in to a late sign-out


class DeletedLate:
    """Deletes the cookie late: the deletion may need something that ended before, such as a token of some minutes."""

    name = "deleted late"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return lifetime.is_of_a_cookie and moves_clock and lifetime.deleted_by is not None

    def steps(self, run: ScenarioRun) -> Steps:
        if run.lifetime.lasts == WITH_THE_BROWSER:
            yield Restart()
            yield from parts.cookie_set(run)
            yield from parts.check_page(run, "once it is set")
            due, when = run.visitor.clock.now() + AN_HOUR, "an hour later"
        else:
            yield from parts.cookie_set(run)
            # If a site knows a person only in the browser that signed in last, it may be this one.
            yield from parts.check_page(run, "once it is set")
            yield Restart()
            due, when = run.end - (run.end - run.begin) / 2, "half-way to its end"
        answer: ProbeResult = yield ProbeCookie(due)
        if not answer.sent:
            return  # it has ended already, which is for another scenario
        lifetime = run.lifetime
        if lifetime.shows and callable(lifetime.deleted_by):
            # A person who wants to sign out first sees whether they are still signed in.
            visit: Visit = yield RunStep(lifetime.path, shows=False)
            if not visit.problem and not visit.shown:
                return
        yield from delete(run, when)
