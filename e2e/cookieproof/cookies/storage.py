"""What pages keep in localStorage, sessionStorage and IndexedDB, and what was seen of it when."""

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
    """A name and its value, as text, that an ``origin`` keeps.

    ``kind`` is "local", "session" or "indexed_db"; in IndexedDB the name is ``database/store/key``, and the value is
    JSON. ``partition`` is the site of the outermost page, for what a frame within a page of another site keeps.
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

    ``kept`` has for each kind that was read the names and values, None where the browser denies the page that
    storage. ``page`` tells whose sessionStorage it is; None for a snapshot by a tab of the harness's own.
    """

    origin: str
    partition: str | None
    kept: Mapping[StorageKind, Mapping[str, str] | None]
    page: str | None
    life: int
    time: datetime = field(compare=False)

    def items(self) -> list[StorageItem]:
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
