"""The recorder's side towards browsers: accepts connections, answers CONNECT, and takes TLS off."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from cookieproof.site.recorder.head import MOST_BYTES, Unframed

TLS_RECORD = b"\x16"  # the first byte of a handshake (RFC 8446, 5.1)
CONNECT = b"CONNECT "


@dataclass(frozen=True)
class Connection:
    """A browser's connection that carries HTTP, TLS taken off. ``authority`` is what CONNECT named; empty without it.

    ``gone`` is done once the other side has closed its half, or the whole connection.
    """

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    gone: asyncio.Future[None]
    scheme: str
    authority: str


class _Protocol(asyncio.StreamReaderProtocol):
    """Resolves ``gone`` when the other side closes the connection, even if nobody reads from it."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        super().__init__(reader)
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def eof_received(self) -> bool | None:
        _resolve(self.gone)
        return super().eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        _resolve(self.gone)
        super().connection_lost(error)


async def accept(listener: socket.socket, talk: Callable[[socket.socket], Awaitable[None]]) -> None:
    """Accept connections at a listening socket, and call ``talk`` for each in a task of its own.

    Runs until it is cancelled, which cancels those tasks, too.
    """
    loop = asyncio.get_running_loop()
    tasks: set[asyncio.Task[None]] = set()
    try:
        while True:
            connected, _ = await loop.sock_accept(listener)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            task = loop.create_task(_talk(connected, talk))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _talk(connected: socket.socket, talk: Callable[[socket.socket], Awaitable[None]]) -> None:
    with connected, contextlib.suppress(ConnectionError, ssl.SSLError, Unframed):
        await talk(connected)


async def asked_to_connect(connected: socket.socket) -> str:
    """Read CONNECT from a new connection, and return the authority that it names; an empty text without CONNECT.

    Nothing is consumed of any other request.
    """
    begin = await _peek(connected, len(CONNECT))
    if begin != CONNECT:
        return ""
    loop, head = asyncio.get_running_loop(), b""
    while b"\r\n\r\n" not in head:  # the browser sends no more before the answer
        more = await loop.sock_recv(connected, 4096)
        if not more or len(head) > MOST_BYTES:
            return ""
        head += more
    return head.split(b" ")[1].decode("latin-1")


async def begin(connected: socket.socket, authority: str, certificate: ssl.SSLContext | None) -> Connection:
    """Answer CONNECT, if ``authority`` is not empty, and return the connection, with TLS taken off.

    Without a certificate TLS is left on. Raises ``ssl.SSLError`` if the handshake fails.
    """
    if authority:
        await asyncio.get_running_loop().sock_sendall(connected, b"HTTP/1.1 200 Connection established\r\n\r\n")
    is_tls = certificate is not None and await _peek(connected, 1) == TLS_RECORD
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=MOST_BYTES)
    transport, protocol = await loop.connect_accepted_socket(
        lambda: _Protocol(reader), connected.dup(), ssl=certificate if is_tls else None
    )
    writer = asyncio.StreamWriter(transport, protocol, reader, loop)
    return Connection(reader, writer, protocol.gone, "https" if is_tls else "http", authority)


async def _peek(connected: socket.socket, size: int) -> bytes:
    """Return the first bytes of the connection without consuming them; fewer if the other side closes."""
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, size)
    loop = asyncio.get_running_loop()
    readable: asyncio.Future[None] = loop.create_future()
    loop.add_reader(connected, _resolve, readable)
    try:
        await readable
        return connected.recv(size, socket.MSG_PEEK)
    finally:
        loop.remove_reader(connected)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
