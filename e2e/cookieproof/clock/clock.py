"""The wall clock that the site and its visitors' browsers share. It moves forward only."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cookieproof.clock.listeners import Listeners
from cookieproof.clock.moves import (
    EARLIER,
    AwakePages,
    Move,
    Offset,
    backward,
    check_steps,
    checked_step,
    forward_skew,
    to_timedelta,
)
from cookieproof.clock.offsets import OffsetFile
from cookieproof.errors import CookieproofError
from cookieproof.words import duration, quoted

__tracebackhide__ = True  # a failure points at the line of the test

# Firefox counts the seconds of its cache in 32 bits, which end in 2106: then it serves old pages as new ones. Chromium
# goes on until 2262, where 64 bits of nanoseconds end.
END = datetime(2100, 1, 1, tzinfo=UTC)
BOTH: tuple[Offset, ...] = ("site", "browser")
TOLERANCE = timedelta(seconds=10)  # asking takes its time, and dates of headers are whole seconds


class ClockDoesNotWork(CookieproofError):
    """Raised if a process does not follow the clock: no check of this run would prove anything."""


class Clock:
    """One clock with two offsets to the real time: one for the site, one for the browsers. Most moves change both.

    The real time passes, too: use ``travel_to`` to reach an exact moment, as the last second before an expiry. A
    running browser sees a move at once.
    """

    def __init__(self, folder: Path, library: Path | None) -> None:
        """Keep the files of the offsets in ``folder``; ``library`` is the preload library (``build``), or None.

        Without the library no process follows the clock.
        """
        self._library = library
        self._files: dict[Offset, OffsetFile] = {
            "site": OffsetFile(folder / "clock-of-the-site"),
            "browser": OffsetFile(folder / "clock-of-the-browser"),
        }
        self._listeners = Listeners()
        # The offsets that a process was seen to follow (``check``).
        self.seen_to_work: set[Offset] = set()
        self._locks: list[tuple[tuple[Offset, ...], str]] = []
        # The site's time after each move, and how far the browser's time was ahead of the site's from then on.
        self._ahead: list[tuple[datetime, timedelta]] = []

    def on_move(
        self,
        *,
        check: Callable[[tuple[Offset, ...]], None] | None = None,
        before: Callable[[], None] | None = None,
        awake_pages: AwakePages | None = None,
        after: Callable[[Move], None] | None = None,
    ) -> AbstractContextManager[None]:
        """For a block, call ``before()`` and ``check(offsets)`` before each move, ``after(move)`` after each move.

        ``before`` returns once no request is pending. ``check`` raises ``CookieproofError`` if these offsets cannot be
        moved. ``awake_pages`` are pages whose timers run during a move with ``awake``: ``before()`` is called after
        each step, too, and ``after`` once, after the first step.
        """
        return self._listeners.registered(check, before, awake_pages, after)

    @contextlib.contextmanager
    def locked(self, reason: str, *offsets: Offset) -> Iterator[None]:
        """For this block, raise ``CookieproofError(reason)`` if one of these offsets (any, without names) is moved."""
        lock = (offsets or BOTH, reason)
        self._locks.append(lock)
        try:
            yield
        finally:
            self._locks.remove(lock)

    def now(self, offset: Offset = "site") -> datetime:
        """Return the time of the site or of the browser (``offset``) as an aware UTC datetime."""
        return datetime.now(UTC) + self._read(offset)

    def to_browser_time(self, moment: datetime) -> datetime:
        """Return the browser's time at this moment of the site's clock."""
        return moment + next((ahead for since, ahead in reversed(self._ahead) if since <= moment), timedelta(0))

    def advance(self, *, awake: bool = False, step: timedelta | None = None, **units: float) -> None:
        """Move site and browser forward by ``timedelta``'s units: ``clock.advance(days=6, hours=23)``.

        An open page is then as on a machine that slept: its timers have not fired. With ``awake`` the clock moves in
        steps of a minute, or of ``step``. After each step, the due timers of the page, its frames and its workers
        fire, and what they ask for is answered.
        """
        by, step = to_timedelta(units), checked_step(step, awake=awake)
        self._listeners.wait()
        if not step:
            return self._move(by, *BOTH)
        began = self._read("site")
        self._move_in_steps(lambda: by - (self._read("site") - began), step)

    def travel_to(self, moment: datetime, *, awake: bool = False, step: timedelta | None = None) -> None:
        """Move site and browser forward until the site's time is this aware datetime; ``awake`` as in ``advance``."""
        if not isinstance(moment, datetime):
            raise CookieproofError(f"travel_to({quoted(moment)}) is no datetime: give an aware one, as clock.now() is.")
        if moment.utcoffset() is None:
            raise CookieproofError(f"travel_to({moment}) has no time zone: give an aware datetime, as clock.now() is.")
        if (by := moment - self.now()) < timedelta(0):
            raise CookieproofError(backward(by, EARLIER))
        self.reach(moment, awake=awake, step=step)

    def reach(self, moment: datetime, *, awake: bool = False, step: timedelta | None = None) -> None:
        """Move the clock as ``travel_to`` does, or do nothing if the moment has passed meanwhile."""
        step = checked_step(step, awake=awake)
        self._listeners.wait()  # first, since waiting takes time, in which the moment may come
        if not step:
            return self._move(max(moment - self.now(), timedelta(0)), *BOTH)
        self._move_in_steps(lambda: max(moment - self.now(), timedelta(0)), step)

    def skew(self, *, browser: timedelta = timedelta(0), site: timedelta = timedelta(0)) -> None:
        """Move only the browser's or only the site's time forward; an earlier difference between them remains."""
        for offset, by in {"browser": browser, "site": site}.items():
            if not isinstance(by, timedelta):
                raise CookieproofError(f"skew({offset}={quoted(by)}) is no timedelta: give one, as timedelta(hours=2).")
        if min(browser, site) < timedelta(0):
            raise CookieproofError(backward(min(browser, site), forward_skew(browser, site)))
        self._check_end(browser, "browser")
        self._check_end(site, "site")
        self._listeners.wait()
        self._check_move(browser, "browser")
        self._check_move(site, "site")  # before either moves: what is refused moves nothing
        self._move(browser, "browser")
        self._move(site, "site")

    @property
    def moved(self) -> bool:
        """Whether the site's or the browser's time is not the real one."""
        return any(self._read(offset) for offset in self._files)

    def reset(self) -> None:
        """Set both offsets to zero, for processes that start after this."""
        for file in self._files.values():
            file.clear()
        self._ahead.clear()

    def env(self, offset: Offset) -> dict[str, str]:
        """Return the environment variables by which a process follows this offset."""
        if not self._library:
            return {}
        preload = ":".join(filter(None, [str(self._library), os.environ.get("LD_PRELOAD")]))
        return {"LD_PRELOAD": preload, "COOKIEPROOF_CLOCK": str(self._files[offset].path)}

    def offset_file(self, offset: Offset) -> Path | None:
        """Return the file that processes with this offset have mapped (``/proc/PID/maps``), None without library."""
        return self._files[offset].path if self._library else None

    def check(self, offset: Offset, whose: str, shows: Callable[[], datetime]) -> None:
        """After the first move, once: raise ``ClockDoesNotWork`` unless ``shows()`` returns the time of this offset.

        ``shows`` asks a process for its time (an aware datetime); ``whose`` names that process in the error.
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

    def _read(self, offset: Offset) -> timedelta:
        return self._files[offset].wall

    def _move(self, by: timedelta, *offsets: Offset) -> None:
        self._check_move(by, *offsets)
        self._write(by, *offsets)
        if by:
            self._listeners.notify(Move(by, offsets))

    def _move_in_steps(self, left: Callable[[], timedelta], step: timedelta) -> None:
        """Move site and browser by steps until ``left()`` is zero; the browser's monotonic clocks move, too."""
        whole = left()
        self._check_move(whole, *BOTH)
        check_steps(whole, step, has_library=bool(self._library))
        while by := min(left(), step):
            self._listeners.prepare()
            self._write(by, *BOTH, monotonic=True)
            if whole:
                self._listeners.notify(Move(whole, BOTH, awake=True))
                whole = timedelta(0)
            self._listeners.live(by)
            self._listeners.wait()

    def _check_move(self, by: timedelta, *offsets: Offset) -> None:
        if by < timedelta(0):
            raise CookieproofError(backward(by, EARLIER))
        self._check_end(by, *offsets)
        for locked, reason in self._locks if by else ():
            if set(locked) & set(offsets):
                raise CookieproofError(reason)
        if by:
            self._listeners.check(offsets)

    def _write(self, by: timedelta, *offsets: Offset, monotonic: bool = False) -> None:
        for offset in offsets:
            self._files[offset].move(by, monotonic=monotonic and offset == "browser")
        self._ahead.append((self.now(), self._read("browser") - self._read("site")))

    def _check_end(self, by: timedelta, *offsets: Offset) -> None:
        # The time that is left never overflows; a moment after the move might.
        if any(by > END - self.now(offset) for offset in offsets):
            raise CookieproofError(
                f"The clock shows {self.now():%Y-%m-%d} and cannot be moved by {duration(by)}: it goes no further than "
                f"the year {END.year - 1}, since browsers count wrong soon after. Move it less: no browser keeps a "
                "cookie for more than 400 days."
            )
