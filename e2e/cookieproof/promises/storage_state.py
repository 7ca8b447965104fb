"""One name in a page's storage at one moment: its value, and its values in earlier snapshots."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from cookieproof.cookies.storage import KINDS, StorageItem, StorageKind, StorageSnapshot
from cookieproof.errors import did_you_mean
from cookieproof.promises.judging import Failure
from cookieproof.visitor.frames import origins_of, site_of
from cookieproof.words import shown

if TYPE_CHECKING:
    from playwright.sync_api import Frame

    from cookieproof.visitor.visitor import Visitor

MOST_LINES = 3


class StorageState:
    """What the visitor's origin, or that of a frame, keeps under one name; read once, when it is needed."""

    def __init__(self, visitor: Visitor, name: str, kind: StorageKind, frame: Frame | None = None) -> None:
        self.visitor, self.name, self.kind, self._frame = visitor, name, kind, frame
        *around, self.origin = origins_of(frame, visitor.site.has_host) if frame else [visitor.url]
        is_parted = len({site_of(each) for each in [*around, self.origin]}) > 1
        self.partition = site_of(around[0]) if is_parted else None

    @functools.cached_property
    def now(self) -> list[StorageSnapshot]:
        page = self.visitor.page  # opens the browser at first use
        assert page
        snapshots = self.visitor.web_storage.now(self.origin, self.partition, self.kind, self._frame)
        return [each for each in snapshots if each.kept.get(self.kind) is not None]

    @property
    def cannot_be_seen(self) -> str:
        """Why the storage cannot be read at present, as a sentence without its full stop; an empty text if it can."""
        if self.now or (self.kind == "session" and not self._frame and self.visitor.web_storage.is_blank()):
            return ""
        if self.kind == "session" and not self._frame:
            return f"Only a page of {self.origin} shows its sessionStorage, and none is open: visit one before"
        return f"The browser denies the page its {KINDS[self.kind]}, or shows none of {self.origin}"

    @property
    def values(self) -> list[str]:
        """The values under the name: one value for each page, if each page has its own."""
        kept = [each.kept[self.kind] or {} for each in self.now]
        return list(dict.fromkeys(each[self.name] for each in kept if self.name in each))

    @property
    def before(self) -> list[StorageSnapshot]:
        """All snapshots of this storage, oldest first, the last among them."""
        assert self.now is not None
        return [
            each
            for each in self.visitor.web_storage.snapshots
            if (each.origin, each.partition) == (self.origin, self.partition) and each.kept.get(self.kind) is not None
        ]

    @property
    def by_pages(self) -> list[StorageSnapshot]:
        """The snapshots of the visitor's own pages."""
        return [each for each in self.before if each.page]

    @property
    def was_set(self) -> bool:
        """Whether a snapshot of the storage has the name."""
        return any(self.name in (each.kept[self.kind] or {}) for each in self.before)

    @property
    def before_this_life(self) -> str | None:
        """The last value before the browser was opened; None if the name was not there then."""
        earlier = [each for each in self.before if each.life < self.visitor.life]
        return (earlier[-1].kept[self.kind] or {}).get(self.name) if earlier else None

    def failure(self, failed: Failure) -> str:
        """Return the text of a failure, with the evidence."""
        names = {name for each in self.before for name in each.kept[self.kind] or {}}
        hint = did_you_mean(self.name, names) if failed.hint and self.name not in names else ""
        cause = f" {failed.cause}." if failed.cause else ""
        seen = [f"{self._value(each)}, life {each.life} at {each.time:%H:%M:%S} UTC" for each in self.before]
        items = [item for each in self.now for item in each.items() if item.kind == self.kind]
        found = {
            "seen": seen[-MOST_LINES:] or ["never"],
            "kept now": [str(each) for each in dict.fromkeys(items)][: 2 * MOST_LINES] or ["nothing"],
            "pending": self.visitor.network_idle.pending.described(),
        }
        where = StorageItem(self.name, "", self.kind, self.origin, self.partition)
        lines = [f"    {label + ':':<12}{line}" for label, those in found.items() for line in those]
        headline = f'"{shown(self.name)}" in {KINDS[self.kind]} {failed.what}.{cause}{hint}'
        return "\n".join([headline, f"  seen from {str(where).partition(' of ')[2]}:", *lines])

    def _value(self, snapshot: StorageSnapshot) -> str:
        kept = snapshot.kept[self.kind] or {}
        return f"{shown(self.name)}={shown(kept[self.name])}" if self.name in kept else "not there"
