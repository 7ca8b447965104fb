"""Finds where the body of an HTTP message ends (RFC 9112, 6.3), and passes it on without holding it."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import Final, Literal

from cookieproof.site.recorder.head import Head, Unframed

CHUNKED: Final = "chunked"
UNTIL_CLOSE: Final = "until it closes"
PIECE = 1 << 16
MOST_KEPT = 1 << 20  # bytes of a body
HEXADECIMAL = re.compile(rb"[0-9a-fA-F]{1,16}")
# The number of bytes, or how the end of the body is marked.
Length = int | Literal["chunked", "until it closes"]


class CutOff(Exception):
    """Raised if one side has closed the connection before the end of the body."""


def length_of_request(head: Head) -> Length:
    """Return the length of the body after a request's head. Raises ``Unframed`` for an invalid length."""
    if head.tokens(b"transfer-encoding"):
        return CHUNKED
    return _content_length(head) or 0


def length_of_response(head: Head, method: bytes, status: int) -> Length:
    """Return the length of the body after an answer's head, which depends on the request's method, too.

    Raises ``Unframed`` for an invalid length.
    """
    if method == b"HEAD" or status < 200 or status in (204, 304):
        return 0
    if encodings := head.tokens(b"transfer-encoding"):
        return CHUNKED if encodings[-1] == CHUNKED.encode() else UNTIL_CLOSE
    length = _content_length(head)
    return UNTIL_CLOSE if length is None else length


def _content_length(head: Head) -> int | None:
    lengths = set(head.tokens(b"content-length"))
    if not lengths:
        return None
    if len(lengths) > 1 or not (only := lengths.pop()).isdigit():
        raise Unframed(f'its Content-Length is "{(head.value(b"content-length") or b"").decode(errors="replace")}"')
    return int(only)


async def pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, length: Length, kept: bytearray | None = None
) -> None:
    """Write the body that comes from the reader to the writer, and to ``kept`` if given, piece by piece up to its end.

    Raises ``CutOff`` if it ends too early, ``Unframed`` for an invalid chunk.
    """
    if length == CHUNKED:
        await _pass_chunks_on(reader, writer, kept)
    elif length == UNTIL_CLOSE:
        while piece := await reader.read(PIECE):
            _keep(piece, kept)
            writer.write(piece)
            await writer.drain()
    else:
        assert isinstance(length, int)
        await _pass_bytes_on(reader, writer, length, kept)


def _keep(piece: bytes, kept: bytearray | None) -> None:
    if kept is not None:
        kept += piece[: MOST_KEPT - len(kept)]


async def _pass_bytes_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: int, kept: bytearray | None
) -> None:
    while left:
        piece = await reader.read(min(left, PIECE))
        if not piece:
            raise CutOff
        left -= len(piece)
        _keep(piece, kept)
        writer.write(piece)
        await writer.drain()


async def _pass_chunks_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kept: bytearray | None) -> None:
    size = -1
    while size:
        line = await _line_of_chunks(reader)
        size = _chunk_size(line)
        writer.write(line)
        if size:
            await _pass_bytes_on(reader, writer, size, kept)
            writer.write(await _line_of_chunks(reader))  # the line end after the chunk
        await writer.drain()
    while (line := await _line_of_chunks(reader)).strip():  # trailers
        writer.write(line)
    writer.write(line)
    await writer.drain()


async def _line_of_chunks(reader: asyncio.StreamReader) -> bytes:
    try:
        line = await reader.readline()
    except ValueError:
        raise Unframed("a line between its chunks does not end") from None
    if not line.endswith(b"\n"):
        raise CutOff
    return line


def _chunk_size(line: bytes) -> int:
    size = line.partition(b";")[0].strip()
    if not HEXADECIMAL.fullmatch(size):
        raise Unframed(f"one of its chunks begins with {line[:20]!r}")
    return int(size, 16)


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def pass_both_ways(ours: Streams, theirs: Streams) -> None:
    """Write to each connection what comes from the other, until both have ended; then close both writers."""

    async def one_way(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await pass_on(reader, writer, UNTIL_CLOSE)
        with contextlib.suppress(OSError):
            if writer.can_write_eof():
                writer.write_eof()
            else:  # TLS closes both ways at once
                writer.close()

    try:
        await asyncio.gather(one_way(ours[0], theirs[1]), one_way(theirs[0], ours[1]))
    finally:
        ours[1].close()
        theirs[1].close()
