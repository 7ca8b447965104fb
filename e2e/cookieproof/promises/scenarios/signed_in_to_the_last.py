"""The scenario in which somebody signs in, and comes back just before the end."""

from __future__ import annotations

from datetime import timedelta

from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.scenario_run import BEFORE, ScenarioRun
from cookieproof.promises.sign_in_parts import as_sign_in_run, check_page, signed_in
from cookieproof.promises.steps import Restart, Steps
from cookieproof.words import duration


class SignedInToTheLast:
    """Visits the page for the first time since the browser was opened again just before the sign-in ends."""

    name = "signed in to the last"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return not lifetime.is_of_a_cookie and isinstance(lifetime.lasts, timedelta)

    def steps(self, run: ScenarioRun) -> Steps:
        yield from signed_in(run := as_sign_in_run(run))
        yield Restart()
        yield from check_page(run, f"{duration(BEFORE)} before its end", run.end - BEFORE)
