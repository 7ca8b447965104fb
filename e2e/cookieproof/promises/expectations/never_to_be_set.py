"""The expectation that a cookie is never set."""

from __future__ import annotations

from datetime import timedelta

from cookieproof.promises.cookie_state import CookieState
from cookieproof.promises.expectations.expectation import Expectation
from cookieproof.promises.judging import Failure


class NeverToBeSet(Expectation):
    """No response to this visitor and no script set the cookie, and the browser neither sends nor holds it.

    Waits until the network is idle, and then watches for ``within`` (of real time, as a page's timers run).
    """

    needs_network_idle = True
    is_final = True

    def __init__(self, within: timedelta) -> None:
        self.watched = within

    def check(self, state: CookieState) -> Failure | None:
        if not state.wire:
            return Failure("should never be set, but this visitor has not visited the site yet, which proves nothing")
        is_there = state.was_set or any(each for each in state.held) or state.name in state.sent
        return Failure("should never be set, but was") if is_there else None
