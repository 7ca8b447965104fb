"""The scenario in which visits renew a sign-in."""

from __future__ import annotations

from datetime import timedelta

from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.parts import RENEWALS
from cookieproof.promises.scenario_run import AFTER, BEFORE, ScenarioRun
from cookieproof.promises.sign_in_parts import as_sign_in_run, check_page, gone_after_its_end, renewed, signed_in
from cookieproof.promises.steps import Restart, Steps


class SignedInAndRenewed:
    """Renews the sign-in half-way, and several times just before its end, to find an absolute expiry."""

    name = "signed in and renewed"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return not lifetime.is_of_a_cookie and isinstance(lifetime.lasts, timedelta) and bool(lifetime.renewal)

    def steps(self, run: ScenarioRun) -> Steps:
        yield from signed_in(run := as_sign_in_run(run))
        yield Restart()
        first_end = run.latest_end
        yield from renewed(run, "when it is renewed", run.window_begins + (run.end - run.window_begins) / 2)
        yield from check_page(run, "after its first end, though it was renewed", first_end + AFTER)
        for _ in range(RENEWALS):
            yield from renewed(run, "when it has been renewed some times in a row", run.end - BEFORE)
        yield from gone_after_its_end(run)
