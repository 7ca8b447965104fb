"""Nobody comes by until it has ended."""

from __future__ import annotations

from datetime import timedelta

from cookieproof.promises import parts
from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.scenario import BEFORE, Scenario
from cookieproof.promises.steps import Restart, Steps


class LeftAlone:
    """Asked by the probe alone, which is no visit: that would renew a sliding session. Its last step may be one."""

    name = "left alone"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return isinstance(lifetime.lasts, timedelta)

    def steps(self, scenario: Scenario) -> Steps:
        yield from parts.cookie_set(scenario)
        # What these visits leave but the cookie ends with the browser: whoever comes after the end has seen the page.
        yield from parts.looked_at_twice(scenario)
        yield Restart()
        yield from parts.is_sent(scenario, f"is not sent {parts.RESTARTED}")
        yield from parts.is_sent_before(scenario, scenario.end, scenario.end - BEFORE)
        yield from parts.is_gone_after(scenario, scenario.end)
        if scenario.lifetime.shows:
            yield from parts.come_back(scenario, "after its end")
