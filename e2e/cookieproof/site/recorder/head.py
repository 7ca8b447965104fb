"""The head of an HTTP message: the bytes that came, and what is read from them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

# A request with 200 cookies of 4 kB has 800 kB of them.
MOST_BYTES = 1 << 20
FOLD = re.compile(rb"\r?\n[ \t]+")


class Unframed(Exception):
    """Where this message ends cannot be said: the text says why, in half a sentence."""


@dataclass(frozen=True)
class Head:
    """``start`` is the first line, ``fields`` are the header's, each with the lines that are folded into it (RFC 9112,
    5.2), ``end`` is the empty line. All are the bytes that came, with their line ends.
    """

    start: bytes
    fields: tuple[bytes, ...]
    end: bytes = b"\r\n"

    def __bytes__(self) -> bytes:
        return b"".join((self.start, *self.fields, self.end))

    def values(self, name: bytes) -> list[bytes]:
        """The values of each field of this name (in lower case), a folded one in one line."""
        of_that_name = (field.partition(b":")[2] for field in self.fields if name_of(field) == name)
        return [FOLD.sub(b" ", value).strip(b" \t\r\n") for value in of_that_name]

    def value(self, name: bytes) -> bytes | None:
        """The values as one, separated by commas (RFC 9110, 5.3); None without such a field."""
        values = self.values(name)
        return b", ".join(values) if values else None

    def tokens(self, name: bytes) -> list[bytes]:
        """The members of a field that is a list, in lower case: ``Connection: keep-alive, Upgrade``."""
        return [each.strip().lower() for value in self.values(name) for each in value.split(b",")]

    def replaced(self, names: Iterable[bytes], fields: Iterable[bytes]) -> Head:
        """Without the fields of these names (in lower case), and with others at the end."""
        gone = set(names)
        return replace(self, fields=(*(each for each in self.fields if name_of(each) not in gone), *fields))


def name_of(field: bytes) -> bytes:
    """The name of a field in lower case, also if a blank stands before its colon."""
    return field.partition(b":")[0].strip().lower()


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """Read to the empty line; None where the other side has closed and sent nothing. Raises ``Unframed``."""
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
