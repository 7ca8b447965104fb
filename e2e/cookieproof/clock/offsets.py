"""Reads and writes the file by which the clocks of some processes are moved."""

from __future__ import annotations

import mmap
import sys
from datetime import timedelta
from pathlib import Path

from cookieproof.words import MICROSECOND

BYTES = 8


class OffsetFile:
    """Two int64 of nanoseconds that ``clock.c`` adds: to the wall clock, and to the monotonic clocks."""

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
        if monotonic:  # last: what it lets fire sees the new time
            self._write(1, self.monotonic + by)

    def clear(self) -> None:
        """Set all to zero: the real time."""
        self._shared[:] = bytes(2 * BYTES)

    def _read(self, place: int) -> timedelta:
        return timedelta(microseconds=int.from_bytes(self._shared[_part(place)], sys.byteorder) // 1000)

    def _write(self, place: int, offset: timedelta) -> None:
        nanoseconds = offset // MICROSECOND * 1000
        self._shared[_part(place)] = nanoseconds.to_bytes(BYTES, sys.byteorder, signed=True)


def _part(place: int) -> slice:
    return slice(place * BYTES, (place + 1) * BYTES)
