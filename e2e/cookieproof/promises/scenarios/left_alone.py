"""The scenario in which nobody visits the site until the cookie has ended."""

from __future__ import annotations

from datetime import timedelta

from cookieproof.promises import parts
from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.scenario_run import BEFORE, ScenarioRun
from cookieproof.promises.steps import Restart, Steps


class LeftAlone:
    """Asks for the cookie only by the probe, since visits renew a sliding session. May visit the site after the end."""

    name = "left alone"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return lifetime.is_of_a_cookie and isinstance(lifetime.lasts, timedelta)

    def steps(self, run: ScenarioRun) -> Steps:
        yield from parts.cookie_set(run)
        # What these visits leave but the cookie ends with the browser: whoever comes after the end has seen the page.
        yield from parts.looked_at_twice(run)
        yield Restart()
        yield from parts.is_sent(run, f"is not sent {parts.RESTARTED}")
        yield from parts.is_sent_before(run, run.end, run.end - BEFORE)
        yield from parts.is_gone_after(run, run.end)
        if run.lifetime.shows:
            yield from parts.come_back(run, "after its end")
