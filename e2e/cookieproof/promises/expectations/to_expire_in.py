"""The expectation that a cookie expires a given time after it was set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cookieproof.cookies.cookie_event import CookieScope
from cookieproof.promises import judging
from cookieproof.promises.cookie_state import CookieState
from cookieproof.promises.expectations.expectation import Expectation
from cookieproof.promises.judging import Failure
from cookieproof.words import duration


@dataclass(frozen=True)
class ToExpireIn(Expectation):
    """The browser holds the cookie until ``age`` (± ``within``) after it was last set, by the browser's clock."""

    age: timedelta
    within: timedelta = timedelta(seconds=5)

    def check(self, state: CookieState) -> Failure | None:
        promise = f"should expire {duration(self.age)} after it was set"
        held = judging.held_cookie(state, promise)
        if isinstance(held, Failure):
            return held
        if held.expires is None:
            return Failure(f"{promise}, but ends with the browser")
        setting = state.history.last([CookieScope.held(held)], "set")
        if setting is None:
            return Failure(f"{promise}, but nobody saw when it was set")
        return judging.wrong_age(promise, held, setting, self.age, self.within)
