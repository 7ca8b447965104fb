"""The cookie ends with the browser."""

from __future__ import annotations

from cookieproof.promises import judging
from cookieproof.promises.expectations.expectation import Expectation
from cookieproof.promises.judging import Failure
from cookieproof.promises.sight import Sight


class ToEndWithTheBrowser(Expectation):
    """The browser holds it without an end of its own (RFC 6265bis, 5.7 step 3).

    This reads what was promised; a restart and ``not_to_be_sent`` prove that it is kept.
    """

    def check(self, sight: Sight) -> Failure | None:
        promise = "should end with the browser"
        held = judging.held(sight, promise)
        if isinstance(held, Failure) or not held.expires:
            return held if isinstance(held, Failure) else None
        return Failure(f"{promise}, but outlives it, until {held.expires:%Y-%m-%d %H:%M:%S} UTC")
