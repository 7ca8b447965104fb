"""Reads and writes the file whose offset is added to the clocks of processes."""

from __future__ import annotations

import mmap
import sys
from datetime import timedelta
from pathlib import Path

from cookieproof.words import MICROSECOND

BYTES = 8


class OffsetFile:
    """A file of two int64, in nanoseconds: ``clock.c`` adds one to the wall clock, one to the monotonic clocks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(bytes(2 * BYTES))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), 2 * BYTES)

    @property
    def wall(self) -> timedelta:
        return self._read(0)

    @property
    def monotonic(self) -> timedelta:
        return self._read(1)

    def move(self, by: timedelta, *, monotonic: bool) -> None:
        """Move the wall clock forward, and if ``monotonic`` the monotonic clocks too, which drive timers."""
        self._write(0, self.wall + by)
        if monotonic:  # last, so that timers that fire then see the new wall clock
            self._write(1, self.monotonic + by)

    def clear(self) -> None:
        """Set both offsets to zero: the real time."""
        self._shared[:] = bytes(2 * BYTES)

    def _read(self, place: int) -> timedelta:
        return timedelta(microseconds=int.from_bytes(self._shared[_part(place)], sys.byteorder) // 1000)

    def _write(self, place: int, offset: timedelta) -> None:
        nanoseconds = offset // MICROSECOND * 1000
        self._shared[_part(place)] = nanoseconds.to_bytes(BYTES, sys.byteorder, signed=True)


def _part(place: int) -> slice:
    return slice(place * BYTES, (place + 1) * BYTES)
