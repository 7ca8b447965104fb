"""The cookie is never set."""

from __future__ import annotations

from datetime import timedelta

from cookieproof.promises.expectations.expectation import Expectation
from cookieproof.promises.judging import Failure
from cookieproof.promises.sight import Sight


class NeverToBeSet(Expectation):
    """No response to this visitor and no script set it, and the browser neither sends nor holds it.

    Waits until the page has come to rest, and then watches for ``within`` (of real time, as a page's timers run).
    """

    at_rest = True
    is_final = True

    def __init__(self, within: timedelta) -> None:
        self.watched = within

    def check(self, sight: Sight) -> Failure | None:
        if not sight.wire:
            return Failure("should never be set, but this visitor has not visited the site yet, which proves nothing")
        is_there = sight.was_set or any(each for each in sight.held) or sight.name in sight.sent
        return Failure("should never be set, but was") if is_there else None
