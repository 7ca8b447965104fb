"""The scenario in which somebody signs out half-way to the end, or an hour later."""

from __future__ import annotations

from cookieproof.promises.lifetimes import WITH_THE_BROWSER, Lifetime
from cookieproof.promises.scenario_run import ScenarioRun
from cookieproof.promises.scenarios.deleted_late import AN_HOUR
from cookieproof.promises.sign_in_parts import as_sign_in_run, signed_in, signed_out
from cookieproof.promises.steps import Restart, RunStep, Steps, Visit


class SignedOutLate:
    """Signs out late: the sign-out may need something that ended before, such as a token of some minutes."""

    name = "signed out late"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return not lifetime.is_of_a_cookie and moves_clock and lifetime.deleted_by is not None

    def steps(self, run: ScenarioRun) -> Steps:
        run = as_sign_in_run(run)
        if run.lifetime.lasts == WITH_THE_BROWSER:
            yield Restart()
            yield from signed_in(run)
            due, when = run.visitor.clock.now() + AN_HOUR, "once signed out an hour later"
        else:
            yield from signed_in(run)
            yield Restart()
            due, when = run.begin + run.half_way, "once signed out half-way to its end"
        # A person who wants to sign out first sees whether they are still signed in, which is for another scenario.
        seen: Visit = yield RunStep(run.lifetime.path, shows=False, due=due)
        if seen.shown:
            yield from signed_out(run, when)
