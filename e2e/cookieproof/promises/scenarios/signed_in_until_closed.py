"""The scenario in which somebody signs in and closes the browser."""

from __future__ import annotations

from cookieproof.promises.lifetimes import WITH_THE_BROWSER, Lifetime
from cookieproof.promises.parts import RESTARTED
from cookieproof.promises.scenario_run import ScenarioRun
from cookieproof.promises.sign_in_parts import as_sign_in_run, check_page, gone, signed_in
from cookieproof.promises.steps import Restart, Steps


class SignedInUntilClosed:
    """Visits the page twice, since a visit may keep the sign-in in another place, and then restarts the browser."""

    name = "signed in until closed"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return not lifetime.is_of_a_cookie and lifetime.lasts == WITH_THE_BROWSER

    def steps(self, run: ScenarioRun) -> Steps:
        yield from signed_in(run := as_sign_in_run(run))
        yield from check_page(run, "when it is visited again")
        yield Restart()
        yield from gone(run, RESTARTED)
