"""The wall clock that the site and its visitors' browsers share. It moves forward only."""

from __future__ import annotations

import contextlib
import mmap
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from cookieproof.errors import CookieproofError, did_you_mean
from cookieproof.words import MICROSECOND, duration, quoted, spelled

__tracebackhide__ = True  # a failure points at the line of the test

UNITS = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds")
EARLIER = "begin a new test for an earlier time"
# Firefox counts the seconds of its cache in 32 bits, which end in 2106: then it serves old pages as new ones. Chromium
# goes on until 2262, where 64 bits of nanoseconds end.
END = datetime(2100, 1, 1, tzinfo=UTC)
Offset = Literal["site", "browser"]
TOLERANCE = timedelta(seconds=10)  # asking takes its time, and dates of headers are whole seconds


class ClockDoesNotWork(CookieproofError):
    """A process that was to be on the clock is not, so that no check of this run would prove anything."""


class Clock:
    """``clock.now()``, ``advance``, ``travel_to`` and ``skew``: one clock with two offsets, one for the site
    and one for the browsers, which go together.

    Both are added to the real time, which passes too: aim at a moment with
    ``travel_to`` where a check must hit an edge. A running browser sees a move at once.
    """

    def __init__(self, folder: Path, library: Path | None) -> None:
        """Without the preload library (``build`` makes it) the clock can be read but not moved."""
        self._library = library
        self._files = {"site": folder / "clock-of-the-site", "browser": folder / "clock-of-the-browser"}
        self._shared = {offset: _map(file) for offset, file in self._files.items()}
        self._checks: list[Callable[[tuple[Offset, ...]], None]] = []
        self._before_move: list[Callable[[], None]] = []
        self._after_move: list[Callable[[timedelta, tuple[Offset, ...]], None]] = []
        # The offsets that have been seen to move what they should (``check``).
        self.seen_to_work: set[Offset] = set()
        self._locks: list[tuple[tuple[Offset, ...], str]] = []
        # The site's time after each move, and how far the browser's was ahead of it from then on.
        self._ahead: list[tuple[datetime, timedelta]] = []

    @contextlib.contextmanager
    def on_move(
        self,
        *,
        check: Callable[[tuple[Offset, ...]], None] | None = None,
        before: Callable[[], None] | None = None,
        after: Callable[[timedelta, tuple[Offset, ...]], None] | None = None,
    ) -> Iterator[None]:
        """For this block, call ``before()`` and ``check(offsets)`` before each move, ``after(by, offsets)`` after it.

        Pending requests are answered before the move if ``before`` waits for it; ``check`` raises
        ``CookieproofError`` if these offsets cannot be moved.
        """
        if check:
            self._checks.append(check)
        if before:
            self._before_move.append(before)
        if after:
            self._after_move.append(after)
        try:
            yield
        finally:
            if check:
                self._checks.remove(check)
            if before:
                self._before_move.remove(before)
            if after:
                self._after_move.remove(after)

    @contextlib.contextmanager
    def locked(self, reason: str, *offsets: Offset) -> Iterator[None]:
        """For this block, who changes one of these offsets (or any, if none is named) gets ``reason`` as an error."""
        lock = (offsets or ("site", "browser"), reason)
        self._locks.append(lock)
        try:
            yield
        finally:
            self._locks.remove(lock)

    def now(self, offset: Offset = "site") -> datetime:
        """The time of the site, or the browser's: an aware UTC datetime."""
        return datetime.now(UTC) + self._read(offset)

    def by_the_browser(self, moment: datetime) -> datetime:
        """The browser's time when the site's was this moment."""
        return moment + next((ahead for since, ahead in reversed(self._ahead) if since <= moment), timedelta(0))

    def advance(self, **units: float) -> None:
        """Move both forward, by ``timedelta``'s units: ``clock.advance(days=6, hours=23)``."""
        by = _added_up(units)
        self._call_before_move()
        self._move(by, "site", "browser")

    def travel_to(self, moment: datetime) -> None:
        """Move both forward so that the site's time is this moment (an aware datetime)."""
        if not isinstance(moment, datetime):
            raise CookieproofError(f"travel_to({quoted(moment)}) is no datetime: give an aware one, as clock.now() is.")
        if moment.utcoffset() is None:
            raise CookieproofError(f"travel_to({moment}) has no time zone: give an aware datetime, as clock.now() is.")
        if (by := moment - self.now()) < timedelta(0):
            raise CookieproofError(_backward(by, EARLIER))
        self.reach(moment)

    def reach(self, moment: datetime) -> None:
        """Like ``travel_to``, for who does not mind that the moment may have come meanwhile."""
        self._call_before_move()  # first, since waiting takes time, in which the moment may come
        self._move(max(moment - self.now(), timedelta(0)), "site", "browser")

    def skew(self, *, browser: timedelta = timedelta(0), site: timedelta = timedelta(0)) -> None:
        """Move only one forward: afterwards browser and site disagree by as much as they did, and this more."""
        for offset, by in {"browser": browser, "site": site}.items():
            if not isinstance(by, timedelta):
                raise CookieproofError(f"skew({offset}={quoted(by)}) is no timedelta: give one, as timedelta(hours=2).")
        if min(browser, site) < timedelta(0):
            raise CookieproofError(_backward(min(browser, site), _forward_instead(browser, site)))
        self._check_end(browser, "browser")
        self._check_end(site, "site")
        self._call_before_move()
        self._move(browser, "browser")
        self._move(site, "site")

    @property
    def moved(self) -> bool:
        """Whether one of them has left the real time."""
        return any(self._read(offset) for offset in self._files)

    def reset(self) -> None:
        """Back to the real time, for processes that have never seen a later one."""
        for offset in self._shared.values():
            offset[:] = bytes(8)
        self._ahead.clear()

    def env(self, offset: Offset) -> dict[str, str]:
        """The environment that puts a process on the clock."""
        if not self._library:
            return {}
        preload = ":".join(filter(None, [str(self._library), os.environ.get("LD_PRELOAD")]))
        return {"LD_PRELOAD": preload, "COOKIEPROOF_CLOCK": str(self._files[offset])}

    def offset_file(self, offset: Offset) -> Path | None:
        """The file that a process on this clock has mapped (``/proc/PID/maps``); None without the library."""
        return self._files[offset] if self._library else None

    def check(self, offset: Offset, whose: str, shows: Callable[[], datetime]) -> None:
        """Once, after the first move: raise ``ClockDoesNotWork`` unless what has this offset shows its time.

        ``whose`` names it for people, ``shows`` asks it (an aware datetime).
        """
        if offset in self.seen_to_work or not self._read(offset):
            return
        shown = shows()
        if abs(shown - self.now(offset)) > TOLERANCE:
            raise ClockDoesNotWork(
                f"The clock does not work with {whose}: it shows {self.now(offset):%Y-%m-%d %H:%M:%S} UTC, "
                f"but {whose} {shown:%Y-%m-%d %H:%M:%S}."
            )
        self.seen_to_work.add(offset)

    def _read(self, offset: str) -> timedelta:
        return timedelta(microseconds=int.from_bytes(self._shared[offset][:], sys.byteorder) // 1000)

    def _move(self, by: timedelta, *offsets: Offset) -> None:
        if by < timedelta(0):
            raise CookieproofError(_backward(by, EARLIER))
        self._check_end(by, *offsets)
        for locked, reason in self._locks if by else ():
            if set(locked) & set(offsets):
                raise CookieproofError(reason)
        for check in [*self._checks] if by else ():
            check(offsets)
        for offset in offsets:
            nanoseconds = (self._read(offset) + by) // MICROSECOND * 1000
            self._shared[offset][:] = nanoseconds.to_bytes(8, sys.byteorder, signed=True)
        self._ahead.append((self.now(), self._read("browser") - self._read("site")))
        if by:
            for tell in [*self._after_move]:
                tell(by, offsets)

    def _check_end(self, by: timedelta, *offsets: Offset) -> None:
        # The time that is left never overflows; a moment after the move might.
        if any(by > END - self.now(offset) for offset in offsets):
            raise CookieproofError(
                f"The clock shows {self.now():%Y-%m-%d} and cannot be moved by {duration(by)}: it goes no further than "
                f"the year {END.year - 1}, since browsers count wrong soon after. Move it less: no browser keeps a "
                "cookie for more than 400 days."
            )

    def _call_before_move(self) -> None:
        for wait in [*self._before_move]:
            wait()


def _added_up(units: Mapping[str, float]) -> timedelta:
    """The units of ``advance`` as one timedelta; the largest there is for what is larger still."""
    for unit, number in units.items():
        if unit not in UNITS:
            raise CookieproofError(
                f"advance({unit}=…) is no unit of time: choose among {', '.join(UNITS)}.{did_you_mean(unit, UNITS)}"
            )
        if not isinstance(number, int | float) or number != number:
            raise CookieproofError(f"advance({unit}={quoted(number)}) is no number: say how many {unit} it is.")
    try:
        return timedelta(**units)
    except OverflowError:
        return timedelta.max if max(units.values()) > 0 else timedelta.min


def _backward(by: timedelta, instead: str) -> str:
    return (
        f"The clock moves forward only, and {duration(by)} is backward: a browser that sees time go back behaves as "
        f"after a crash. Instead, {instead}."
    )


def _forward_instead(browser: timedelta, site: timedelta) -> str:
    """Which move forward has both disagree by as much, to be said in a sentence."""
    # Their difference may be larger than a timedelta can hold.
    ahead = browser // MICROSECOND - site // MICROSECOND
    if not ahead:
        return EARLIER
    by = timedelta(microseconds=min(abs(ahead), timedelta.max // MICROSECOND))
    offset = "browser" if ahead > 0 else "site"
    return f"say clock.skew({offset}={spelled(by)}), after which the two disagree by as much"


def _map(path: Path) -> mmap.mmap:
    path.write_bytes(bytes(8))
    with path.open("r+b") as file:
        return mmap.mmap(file.fileno(), 8)
