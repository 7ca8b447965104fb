"""The expectation that a cookie is sent."""

from __future__ import annotations

from dataclasses import dataclass

from cookieproof.cookies.exchange import unquoted
from cookieproof.promises import judging
from cookieproof.promises.cookie_state import CookieState
from cookieproof.promises.expectations.expectation import Expectation
from cookieproof.promises.judging import Failure
from cookieproof.words import quoted


@dataclass(frozen=True)
class ToBeSent(Expectation):
    """The browser sends the cookie to the path, as the site last set it; with this value, if one is given."""

    value: str | None = None

    def check(self, state: CookieState) -> Failure | None:
        promise = f"should be sent to {state.path}"
        if state.name not in state.sent:
            return Failure(f"{promise}, but is not", state.why_not_there(), hint=True)
        sent = state.sent[state.name]
        if self.value is not None:
            what = f"should be sent with the value {quoted(self.value)}, but is sent with {quoted(sent)}"
            # A value in quotes is another value to the browser, but the same to Flask.
            as_held = unquoted(self.value) == sent and any(each.value == self.value for each in state.of_host)
            return None if sent == self.value or as_held else Failure(what, judging.why_unchanged(state))
        if not state.is_as_asked() and (cause := judging.why_unchanged(state)):
            return Failure(f"{promise}, but is sent as it was before", cause)
        return None
