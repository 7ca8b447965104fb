"""The head of an HTTP message: the bytes that came, and the fields parsed from them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

# A request with 200 cookies of 4 kB has 800 kB of them.
MOST_BYTES = 1 << 20
FOLD = re.compile(rb"\r?\n[ \t]+")


class Unframed(Exception):
    """Raised for a message whose end cannot be found; the text says why, as a clause."""


@dataclass(frozen=True)
class Head:
    """The head of an HTTP message, as the bytes that came, line ends included.

    ``start`` is the first line, ``fields`` are the header fields, each with its folded lines (RFC 9112, 5.2), ``end``
    is the empty line.
    """

    start: bytes
    fields: tuple[bytes, ...]
    end: bytes = b"\r\n"

    def __bytes__(self) -> bytes:
        return b"".join((self.start, *self.fields, self.end))

    def values(self, name: bytes) -> list[bytes]:
        """Return the value of each field of this name (in lower case); a folded one is joined to one line."""
        return [FOLD.sub(b" ", value).strip(b" \t\r\n") for value in self._by_name.get(name, ())]

    @cached_property
    def _by_name(self) -> dict[bytes, list[bytes]]:
        # Parsed once, since a dozen fields are read from each head.
        found: dict[bytes, list[bytes]] = {}
        for field in self.fields:
            name, _, value = field.partition(b":")
            found.setdefault(name.strip().lower(), []).append(value)
        return found

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Return name and value of each field in order, decoded as Latin-1; a folded one is joined to one line."""
        parts = (FOLD.sub(b" ", field).partition(b":") for field in self.fields)
        return tuple((name.strip().decode("latin-1"), value.strip().decode("latin-1")) for name, _, value in parts)

    def value(self, name: bytes) -> bytes | None:
        """Return the values of the fields of this name joined by commas (RFC 9110, 5.3); None without a field."""
        values = self.values(name)
        return b", ".join(values) if values else None

    def tokens(self, name: bytes) -> list[bytes]:
        """Return the members of a list field, in lower case: two for ``Connection: keep-alive, Upgrade``."""
        return [each.strip().lower() for value in self.values(name) for each in value.split(b",")]

    def replaced(self, names: Iterable[bytes], fields: Iterable[bytes]) -> Head:
        """Return this head without the fields of these names (in lower case), and with ``fields`` at the end."""
        gone = set(names)
        return replace(self, fields=(*(each for each in self.fields if name_of(each) not in gone), *fields))


def name_of(field: bytes) -> bytes:
    """Return the name of a field in lower case, without a blank before its colon."""
    return field.partition(b":")[0].strip().lower()


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """Read a head up to its empty line, and return it; None if the other side closed without sending anything.

    Raises ``Unframed`` for a head that is too long or cut off.
    """
    start = b"\r\n"
    while start in (b"\r\n", b"\n"):  # RFC 9112, 2.2: a client may send an empty line before its request
        start = await _line(reader)
    if not start:
        return None
    fields: list[bytes] = []
    size = len(start)
    while (line := await _line(reader)) not in (b"\r\n", b"\n"):
        size += len(line)
        if size > MOST_BYTES:
            raise Unframed(f"its header is longer than {MOST_BYTES} bytes")
        if not line.endswith(b"\n"):
            raise Unframed("it was cut off within its header")
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1] += line
        else:
            fields.append(line)
    return Head(start, tuple(fields), line)


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except ValueError:  # longer than the reader's limit
        raise Unframed(f"its header is longer than {MOST_BYTES} bytes") from None
