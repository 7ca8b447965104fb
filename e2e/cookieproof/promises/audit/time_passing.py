"""Lets time pass at the site alone, and uses copies of a session meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from cookieproof.clock.clock import Clock
from cookieproof.promises.audit.copies import Copy
from cookieproof.promises.audit.outside import Answer, Outside
from cookieproof.words import duration

MARGIN = timedelta(seconds=10)  # before and after an end, for what asking takes


class TimePassing:
    """Moves the site's clock; ``note`` gets what it has done."""

    def __init__(self, clock: Clock, outside: Outside, note: Callable[[str], None]) -> None:
        self._clock, self._outside, self._note = clock, outside, note

    @contextmanager
    def site_ahead(self) -> Iterator[Callable[[timedelta], None]]:
        """Give the block a function that moves the site's clock alone; the browsers' follows after the block."""
        moved = timedelta(0)

        def move(by: timedelta) -> None:
            nonlocal moved
            by = max(by, timedelta(0))
            self._clock.skew(site=by)
            moved += by
            self._note(f"moved the site's clock by {duration(by)}")

        try:
            yield move
        finally:
            self._clock.skew(browser=moved)

    def use(self, copy: Copy) -> Copy | None:
        """Send a copy, outside the browser, and return it with what the answer set anew; None if it is refused."""
        answer = copy.sent(self._outside)
        taken = copy.witness.tells(answer)
        self._note(f"the copy {'works' if taken else 'is refused'} outside the browser")
        return renewed(copy, answer) if taken else None


def renewed(copy: Copy, answer: Answer) -> Copy:
    """Return the copy with the cookies that an answer has set, as a browser would send them next."""
    return copy.having(dict(answer.given))
