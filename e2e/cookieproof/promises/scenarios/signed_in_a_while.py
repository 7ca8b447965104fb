"""The scenario in which somebody signs in, and the browser stays open for a while."""

from __future__ import annotations

from cookieproof.promises.lifetimes import WITH_THE_BROWSER, Lifetime
from cookieproof.promises.scenario_run import ScenarioRun
from cookieproof.promises.scenarios.a_while_later import A_WHILE
from cookieproof.promises.sign_in_parts import as_sign_in_run, check_page, signed_in
from cookieproof.promises.steps import Restart, Steps
from cookieproof.words import duration


class SignedInAWhile:
    """The browser stays open for a while: who is signed in still is."""

    name = "signed in a while"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return not lifetime.is_of_a_cookie and moves_clock and lifetime.lasts == WITH_THE_BROWSER

    def steps(self, run: ScenarioRun) -> Steps:
        yield Restart()
        yield from signed_in(run := as_sign_in_run(run))
        later = f"{duration(A_WHILE)} later, in the same browser"
        yield from check_page(run, later, run.visitor.clock.now() + A_WHILE)
