"""What pages keep in localStorage, sessionStorage and IndexedDB, as snapshots and changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from cookieproof.words import shown

StorageKind = Literal["local", "session", "indexed_db"]
KINDS: Mapping[StorageKind, str] = {"local": "localStorage", "session": "sessionStorage", "indexed_db": "IndexedDB"}


@dataclass(frozen=True)
class StorageItem:
    """One name and value, as text, in a storage of an ``origin``.

    ``kind`` is "local", "session" or "indexed_db"; in IndexedDB the name is ``database/store/key``, and the value is
    JSON. ``partition`` is the site of the top-level page if a frame of another site keeps the item; else None.
    """

    name: str
    value: str
    kind: StorageKind
    origin: str
    partition: str | None = None

    def __str__(self) -> str:
        where = f" in frames of {self.partition.partition('://')[2]}" if self.partition else ""
        return f"{shown(self.name)}={shown(self.value)} in {KINDS[self.kind]} of {self.origin}{where}"


@dataclass(frozen=True)
class StorageSnapshot:
    """What one page, or frame, of an origin kept at one moment.

    ``kept`` maps each kind that was read to names and values, or to None where the browser denies the page that
    storage. ``page`` identifies the tab of a sessionStorage; None for a snapshot by a tab of the harness's own.
    """

    origin: str
    partition: str | None
    kept: Mapping[StorageKind, Mapping[str, str] | None]
    page: str | None
    life: int
    time: datetime = field(compare=False)

    def items(self) -> list[StorageItem]:
        """Return each name and value of all kinds that were read, as items."""
        return [
            StorageItem(name, value, kind, self.origin, self.partition)
            for kind, kept in self.kept.items()
            for name, value in sorted((kept or {}).items())
        ]


@dataclass(frozen=True)
class StorageChange:
    """A name that was set, changed or removed since the last snapshot; ``value`` is None if it was removed."""

    kind: StorageKind
    name: str
    value: str | None
