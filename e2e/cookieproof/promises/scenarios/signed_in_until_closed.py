"""The scenario in which somebody signs in and closes the browser."""

from __future__ import annotations

from cookieproof.promises.lifetimes import WITH_THE_BROWSER, Lifetime
from cookieproof.promises.parts import RESTARTED
from cookieproof.promises.scenario_run import ScenarioRun
from cookieproof.promises.sign_in_parts import gone, looked_at, of_a_sign_in, signed_in
from cookieproof.promises.steps import Restart, Steps


class SignedInUntilClosed:
    """Looks at the page twice, by which a site may keep who it is in another place, and then closes the browser."""

    name = "signed in until closed"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return not lifetime.is_of_a_cookie and lifetime.lasts == WITH_THE_BROWSER

    def steps(self, run: ScenarioRun) -> Steps:
        yield from signed_in(run := of_a_sign_in(run))
        yield from looked_at(run, "when it is visited again")
        yield Restart()
        yield from gone(run, RESTARTED)
