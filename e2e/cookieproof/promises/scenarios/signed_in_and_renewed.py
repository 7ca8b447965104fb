"""The scenario in which visits renew a sign-in."""

from __future__ import annotations

from datetime import timedelta

from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.parts import RENEWALS
from cookieproof.promises.scenario_run import AFTER, BEFORE, ScenarioRun
from cookieproof.promises.sign_in_parts import gone_after_its_end, looked_at, of_a_sign_in, renewed, signed_in
from cookieproof.promises.steps import Restart, Steps


class SignedInAndRenewed:
    """Renews it half-way, and some times just before its end: an absolute end would come meanwhile."""

    name = "signed in and renewed"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return not lifetime.is_of_a_cookie and isinstance(lifetime.lasts, timedelta) and bool(lifetime.renewal)

    def steps(self, run: ScenarioRun) -> Steps:
        yield from signed_in(run := of_a_sign_in(run))
        yield Restart()
        first_end = run.latest_end
        yield from renewed(run, "when it is renewed", run.window_begins + (run.end - run.window_begins) / 2)
        yield from looked_at(run, "after its first end, though it was renewed", first_end + AFTER)
        for _ in range(RENEWALS):
            yield from renewed(run, "when it has been renewed some times in a row", run.end - BEFORE)
        yield from gone_after_its_end(run)
