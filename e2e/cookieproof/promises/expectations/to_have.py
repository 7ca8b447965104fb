"""The expectation that a cookie has given attributes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cookieproof.cookies.cookie_event import CookieScope
from cookieproof.promises import judging
from cookieproof.promises.cookie_state import CookieState
from cookieproof.promises.expectations.expectation import Expectation
from cookieproof.promises.judging import Failure


@dataclass(frozen=True)
class ToHave(Expectation):
    """The site set the cookie with these attributes, and the browser holds the cookie with them.

    ``same_site`` is "Strict", "Lax", "None", or None for left out; ``domain`` is without its dot, or None for
    host-only; ``priority`` is "Low", "Medium", "High", or None for left out. An attribute that is not named is not
    checked.
    """

    wanted: Mapping[str, object]

    def check(self, state: CookieState) -> Failure | None:
        held = judging.held_cookie(state, "should have certain attributes")
        if isinstance(held, Failure):
            return held
        setting = state.history.last([CookieScope.held(held)], "set")
        return judging.wrong_attribute(
            self.wanted,
            held,
            setting.sent if setting else None,
            reports_partitions=state.visitor.engine.reports_partitions,
        )
