"""The expectation that a cookie ends with the browser."""

from __future__ import annotations

from cookieproof.promises import judging
from cookieproof.promises.cookie_state import CookieState
from cookieproof.promises.expectations.expectation import Expectation
from cookieproof.promises.judging import Failure
from cookieproof.words import printable


class ToEndWithTheBrowser(Expectation):
    """The browser holds the cookie without an expiry (RFC 6265bis, 5.7 step 3), and all others that are meant.

    This reads what was promised; a restart and ``not_to_be_sent`` prove that it is kept.
    """

    def check(self, state: CookieState) -> Failure | None:
        promise = "should end with the browser"
        held = judging.held_cookie(state, promise)
        if isinstance(held, Failure):
            return held
        for each in state.meant:
            if each.expires:
                which = "" if each == held else f"another of its name, for {printable(each.domain + each.path)}, "
                return Failure(f"{promise}, but {which}outlives it, until {each.expires:%Y-%m-%d %H:%M:%S} UTC")
        return None
