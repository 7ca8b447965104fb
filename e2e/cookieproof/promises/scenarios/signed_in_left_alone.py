"""The scenario in which somebody signs in, and comes back after the end."""

from __future__ import annotations

from datetime import timedelta

from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.scenario_run import ScenarioRun
from cookieproof.promises.sign_in_parts import as_sign_in_run, gone_after_its_end, signed_in
from cookieproof.promises.steps import Restart, Steps


class SignedInLeftAlone:
    """Nobody visits the site until the sign-in has ended."""

    name = "signed in and left alone"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return not lifetime.is_of_a_cookie and isinstance(lifetime.lasts, timedelta)

    def steps(self, run: ScenarioRun) -> Steps:
        yield from signed_in(run := as_sign_in_run(run))
        yield Restart()
        yield from gone_after_its_end(run)
