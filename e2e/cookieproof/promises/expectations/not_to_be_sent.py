"""The expectation that a cookie is not sent any more."""

from __future__ import annotations

from cookieproof.promises.cookie_state import CookieState
from cookieproof.promises.expectations.expectation import Expectation
from cookieproof.promises.judging import Failure
from cookieproof.words import shown


class NotToBeSent(Expectation):
    """The browser does not send the cookie to the path, though it once held or sent the cookie.

    Waits until the network is idle. Fails for a cookie that was never set, or that the browser never accepted
    (``never_to_be_set`` is for those), and for one that the browser still holds for another path.
    """

    needs_network_idle = True

    def check(self, state: CookieState) -> Failure | None:
        if state.name in state.sent:
            return Failure(f"should not be sent to {state.path}, but is")
        if not state.was_set:
            what = "should not be sent any more, but was never set in this browser"
            return Failure(what, state.why_not_there(), hint=True)
        if held := [each for each in state.living if each.domain_matches(state.host)]:
            what = f"should not be sent any more: it is not sent to {state.path}, but lives on at"
            return Failure(f"{what} {shown(held[0].path)}{held[0].where}")
        return None
