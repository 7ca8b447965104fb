"""The lanes of the report's picture: a cookie's, and that of a name in a storage."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cookieproof.cookies.storage import KINDS, StorageChange
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.words import shown


@dataclass
class Lane:
    """One cookie of one browser: bars where it lived, marks where something happened to it."""

    visitor: int | None
    name: str
    domain: str
    path: str
    partitioned: bool = False
    expires: datetime | None = None
    lives: bool = False
    # Whether it was sent since it was last set.
    was_sent: bool = False
    bars: list[list[Any]] = field(default_factory=list)
    marks: list[list[Any]] = field(default_factory=list)

    @property
    def ends_with_the_browser(self) -> bool:
        return self.expires is None

    @property
    def lasting(self) -> str:
        """The kind of the bars of what does not end with the browser."""
        return "age"

    def is_for(self, host: str, path: str) -> bool:
        """Whether a request to this host and path should bring it (RFC 6265bis, 5.1.3 and 5.1.4)."""
        is_below = path == self.path or path.startswith(self.path.rstrip("/") + "/")
        held = StoredCookie(self.name, None, self.domain, self.path, None, http_only=False, secure=False, same_site="")
        return is_below and held.is_for(host)

    def send(self, column: int) -> None:
        """A request has brought it."""
        self.was_sent = True
        self.mark(column, "sent")

    def set(self, column: int, expires: datetime | None, header: str) -> None:
        """An answer has set it, until it ``expires``; None with the browser."""
        if self.lives:
            self.end(column)
        self.expires, self.was_sent = expires, False
        self.mark(column, "set", header)
        self.begin(column)

    def last_until(self, column: int) -> None:
        """It still lived when the test ended."""
        self.bars[-1][1] = column

    def begin(self, column: int) -> None:
        self.lives = True
        self.bars.append([column, column, "session" if self.ends_with_the_browser else self.lasting])

    def end(self, column: int) -> None:
        self.lives = False
        self.bars[-1][1] = column

    def mark(self, column: int, kind: str, why: str = "") -> None:
        # One mark a column, the last; but for what was set or deleted in it and then sent.
        here = [each for each in self.marks if each[0] == column]
        if kind == "sent" and here:
            return
        self.marks = [each for each in self.marks if each[0] != column]
        self.marks.append([column, kind, why])


@dataclass
class StorageLane(Lane):
    """One name in a storage, as the harness has seen it: what a page did to it was before."""

    @property
    def ends_with_the_browser(self) -> bool:
        return self.path == f" {KINDS['session']}"

    @property
    def lasting(self) -> str:
        return "kept"

    def is_for(self, host: str, path: str) -> bool:
        return False

    @staticmethod
    def of(lanes: list[Lane], visitor: int | None, host: str, change: StorageChange) -> StorageLane:
        """The lane of this name among these, a new one if it has none yet."""
        lane = StorageLane(visitor, change.name, host, f" {KINDS[change.kind]}")
        for each in lanes:
            if isinstance(each, StorageLane) and (each.visitor, each.name, each.domain, each.path) == (
                lane.visitor,
                lane.name,
                lane.domain,
                lane.path,
            ):
                return each
        lanes.append(lane)
        return lane

    def change(self, column: int, change: StorageChange) -> None:
        """A look has found it set, to another value, or removed."""
        if change.value is not None:
            self.set(column, None, f"seen as {shown(change.value)}")
        elif self.lives:
            self.mark(column, "deleted", "seen to be removed")
            self.end(column)
