"""The lanes of the report's timeline: one for each cookie, and for each name in a page's storage."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cookieproof.cookies.matching import domain_matches, path_matches
from cookieproof.cookies.storage import KINDS, StorageChange
from cookieproof.words import shown


@dataclass
class Lane:
    """One cookie of one browser in the timeline: bars for when the browser held it, marks for what happened to it."""

    visitor: int | None
    name: str
    domain: str
    path: str
    partitioned: bool = False
    expires: datetime | None = None
    lives: bool = False
    # Whether the cookie was sent since it was last set.
    was_sent: bool = False
    bars: list[list[Any]] = field(default_factory=list)
    marks: list[list[Any]] = field(default_factory=list)

    @property
    def ends_with_the_browser(self) -> bool:
        return self.expires is None

    @property
    def persistent_kind(self) -> str:
        """The kind of the bars of an item that does not end with the browser."""
        return "age"

    def is_for(self, host: str, path: str) -> bool:
        """Return whether a request to this host and path should send the cookie."""
        return domain_matches(self.domain, host) and path_matches(self.path, path)

    def send(self, column: int) -> None:
        """Note that the request in this column sent the cookie."""
        self.was_sent = True
        self.mark(column, "sent")

    def set(self, column: int, expires: datetime | None, header: str) -> None:
        """Note that a response in this column set the cookie until ``expires``; None until the browser ends."""
        if self.lives:
            self.end(column)
        self.expires, self.was_sent = expires, False
        self.mark(column, "set", header)
        self.begin(column)

    def last_until(self, column: int) -> None:
        """Extend the last bar to this column: the cookie still lived when the test ended."""
        self.bars[-1][1] = column

    def begin(self, column: int) -> None:
        """Begin a bar in this column: the browser holds the cookie from now on."""
        self.lives = True
        self.bars.append([column, column, "session" if self.ends_with_the_browser else self.persistent_kind])

    def end(self, column: int) -> None:
        """End the last bar in this column."""
        self.lives = False
        self.bars[-1][1] = column

    def mark(self, column: int, kind: str, why: str = "") -> None:
        """Put a mark in this column; it replaces another one, but "sent" replaces none."""
        here = [each for each in self.marks if each[0] == column]
        if kind == "sent" and here:
            return
        self.marks = [each for each in self.marks if each[0] != column]
        self.marks.append([column, kind, why])


@dataclass
class StorageLane(Lane):
    """One name in a page's storage. A change is shown where a snapshot saw it; the page made it before."""

    @property
    def ends_with_the_browser(self) -> bool:
        return self.path == f" {KINDS['session']}"

    @property
    def persistent_kind(self) -> str:
        return "kept"

    def is_for(self, host: str, path: str) -> bool:
        return False

    @staticmethod
    def of(lanes: list[Lane], visitor: int | None, host: str, change: StorageChange) -> StorageLane:
        """Return the lane of the changed name; if ``lanes`` has none, a new one, which is added to ``lanes``."""
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
        """Note that a snapshot in this column found the item set, changed or removed."""
        if change.value is not None:
            self.set(column, None, f"seen as {shown(change.value)}")
        elif self.lives:
            self.mark(column, "deleted", "seen to be removed")
            self.end(column)
