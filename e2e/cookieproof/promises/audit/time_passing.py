"""Lets time pass at the site alone, and uses copies of a session meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from cookieproof.clock.clock import Clock
from cookieproof.cookies.set_cookie import SetCookie
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


def set_by(answer: Answer) -> list[SetCookie]:
    """Return the cookies that an answer sets."""
    return [SetCookie(value) for name, value in answer.headers if name.lower() == "set-cookie"]


def renewed(copy: Copy, answer: Answer) -> Copy:
    """Return the copy with the cookies that an answer has set, as a browser would send them next."""
    return with_cookies(copy, {cookie.name: cookie.value for cookie in set_by(answer)})


def with_cookies(copy: Copy, values: Mapping[str, str]) -> Copy:
    """Return the copy with these values of those of its cookies that have these names."""
    parts = {part: value for part in copy.parts if part.kind == "cookie" and (value := copy.value(part)) is not None}
    pairs = {part: values.get(part.name, value) for part, value in parts.items()}
    cookie = "; ".join(f"{part.name}={value}" if part.name else value for part, value in pairs.items())
    others = [(name, value) for name, value in copy.exchange.asked if name.lower() != "cookie"]
    asked = (*others, *([("Cookie", cookie)] if pairs else []))
    return replace(copy, exchange=replace(copy.exchange, asked=asked))
