"""The expectation that a cookie is deleted."""

from __future__ import annotations

from cookieproof.cookies.deletions import failure
from cookieproof.promises.cookie_state import CookieState
from cookieproof.promises.expectations.expectation import Expectation
from cookieproof.promises.judging import Failure


class ToBeDeleted(Expectation):
    """The browser held the cookie, and a ``Set-Cookie``, ``Clear-Site-Data`` or a script deleted it.

    Waits until the network is idle. A failure names the cause, as far as it is known: another name, path or domain, a
    deletion that the browser refuses, a cookie that was set again, or that ended otherwise.
    """

    needs_network_idle = True

    def check(self, state: CookieState) -> Failure | None:
        if not state.was_set:
            what = "should be deleted, but was never set in this browser"
            return Failure(what, state.why_not_there(), hint=True)
        is_sent, living = state.name in state.sent, state.living
        if is_sent or living:
            why = failure(state.name, state.set_cookies, living, is_sent=is_sent, wire=state.wire)
            return Failure(f"should be deleted, but {why or 'it lives on'}")
        ended = state.history.last(state.scopes, "deleted", "expired", "ended", "evicted", "removed")
        if ended and ended.what == "deleted":
            return None
        others = [each for each in state.set_cookies if each[1].name != state.name]
        why = failure(state.name, others, [], is_sent=False)
        return Failure(f"should be deleted, but {why}", ended.sentence if ended else "")
