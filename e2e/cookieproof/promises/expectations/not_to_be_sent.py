"""The cookie is not sent any more."""

from __future__ import annotations

from cookieproof.promises.expectations.expectation import Expectation
from cookieproof.promises.judging import Failure
from cookieproof.promises.sight import Sight
from cookieproof.words import shown


class NotToBeSent(Expectation):
    """The browser does not send it to the path, though it once held or sent it.

    Waits until the page has come to rest. Fails for a cookie that was never set, or that the browser never took
    (``never_to_be_set`` is for those), and for one that the browser still holds for another path.
    """

    at_rest = True

    def check(self, sight: Sight) -> Failure | None:
        if sight.name in sight.sent:
            return Failure(f"should not be sent to {sight.path}, but is")
        if not sight.was_set:
            what = "should not be sent any more, but was never set in this browser"
            return Failure(what, sight.why_not_there(), hint=True)
        if held := [each for each in sight.living if each.is_for(sight.host)]:
            what = f"should not be sent any more: it is not sent to {sight.path}, but lives on at"
            return Failure(f"{what} {shown(held[0].path)}{held[0].where}")
        return None
