"""The scenario in which nobody visits the site until the cookie has ended."""

from __future__ import annotations

from datetime import timedelta

from cookieproof.promises import parts
from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.scenario_run import BEFORE, ScenarioRun
from cookieproof.promises.steps import Restart, Steps


class LeftAlone:
    """Asks for the cookie only by the probe, since visits renew a sliding session; visits the site after the end."""

    name = "left alone"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return lifetime.is_of_a_cookie and isinstance(lifetime.lasts, timedelta)

    def steps(self, run: ScenarioRun) -> Steps:
        yield from parts.cookie_set(run)
        # A person who comes after the end has seen the page. What else these visits leave ends with the browser.
        yield from parts.check_page_twice(run)
        yield Restart()
        yield from parts.is_sent(run, f"is not sent {parts.RESTARTED}")
        yield from parts.is_sent_before(run, run.end, run.end - BEFORE)
        yield from parts.is_gone_after(run, run.end)
        if run.lifetime.shows:
            yield from parts.visit_after_end(run, "after its end")
