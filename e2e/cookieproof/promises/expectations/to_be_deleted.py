"""The cookie is deleted."""

from __future__ import annotations

from cookieproof.cookies.deletions import failure
from cookieproof.promises.expectations.expectation import Expectation
from cookieproof.promises.judging import Failure
from cookieproof.promises.sight import Sight


class ToBeDeleted(Expectation):
    """The browser held it, and let it go because a ``Set-Cookie``, ``Clear-Site-Data`` or a script deleted it.

    Waits until the page has come to rest. A failure names the cause, as far as it is known: another
    name, path or domain, a deletion that the browser refuses, a cookie that was set again, or that ended otherwise.
    """

    at_rest = True

    def check(self, sight: Sight) -> Failure | None:
        if not sight.was_set:
            what = "should be deleted, but was never set in this browser"
            return Failure(what, sight.why_not_there(), hint=True)
        is_sent, living = sight.name in sight.sent, sight.living
        if is_sent or living:
            why = failure(sight.name, sight.set_cookies, living, is_sent=is_sent, wire=sight.wire)
            return Failure(f"should be deleted, but {why or 'it lives on'}")
        ended = sight.history.last(sight.places, "deleted", "expired", "ended", "evicted", "removed")
        if ended and ended.what == "deleted":
            return None
        others = [each for each in sight.set_cookies if each[1].name != sight.name]
        why = failure(sight.name, others, [], is_sent=False)
        return Failure(f"should be deleted, but {why}", ended.sentence if ended else "")
