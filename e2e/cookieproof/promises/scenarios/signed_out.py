"""The scenario in which somebody signs out again."""

from __future__ import annotations

from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.parts import RESTARTED
from cookieproof.promises.scenario_run import ScenarioRun
from cookieproof.promises.sign_in_parts import as_sign_in_run, check_page, gone, signed_in, signed_out
from cookieproof.promises.steps import Restart, Steps


class SignedOut:
    """Signs out: the page shows nobody at once, and after the browser was closed and opened again."""

    name = "signed out"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return not lifetime.is_of_a_cookie and lifetime.deleted_by is not None

    def steps(self, run: ScenarioRun) -> Steps:
        yield from signed_in(run := as_sign_in_run(run))
        yield from check_page(run, "when it is visited again")
        yield from signed_out(run, "once signed out")
        yield Restart()
        yield from gone(run, f"after the sign-out, {RESTARTED}")
