"""The thread that passes on and records all requests, for all sites of one worker."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from cookieproof.site.recorder import downstream
from cookieproof.site.recorder.connection_handler import ConnectionHandler
from cookieproof.site.recorder.framing import pass_both_ways
from cookieproof.site.recorder.hosts import Hosts, ProxyClient
from cookieproof.site.recorder.recording import Recording
from cookieproof.site.recorder.request import split_authority
from cookieproof.site.recorder.upstream import Address, Origin, Upstream

T = TypeVar("T")
# An exchange makes some 20 system calls, after each of which this thread waits for a computing test to yield the GIL.
# With Python's default of 5 ms an exchange took 100 ms.
SWITCH_SECONDS = 0.0002


class ListeningPort:
    """A port at which the recorder listens until ``close`` is called."""

    def __init__(self, port: int, close: Callable[[], None]) -> None:
        self.port, self.close = port, close


class Recorder:
    """Listens on loopback: at one port for each visitor, and at one port of each site for all other browsers."""

    def __init__(self, certificate: Path, now: Callable[[], datetime]) -> None:
        """Start the thread; ``certificate`` holds key and chain as PEM, and ``now`` returns the time of a record."""
        self._now = now
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)
        self._tls.set_alpn_protocols(["http/1.1"])
        # Nothing listens at this port: browsers ask for it only through the recorder. Bound so that nobody takes it.
        self._own = socket.socket()
        self._own.bind(("127.0.0.1", 0))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="recorder")
        self._thread.start()
        self._switched = sys.getswitchinterval()
        sys.setswitchinterval(min(SWITCH_SECONDS, self._switched))
        self._listening: dict[asyncio.Task[None], socket.socket] = {}

    @property
    def own_port(self) -> int:
        """The port of the harness's own pages, under every host of each site."""
        return int(self._own.getsockname()[1])

    def record(self, origin: Origin, hosts: Hosts) -> Recording:
        """Return an empty recording of the site at ``origin``, which browsers visit under these hosts."""
        return Recording(origin, hosts, self.own_port, self._now)

    def listen(
        self, recording: Recording, client: ProxyClient | None = None, listener: socket.socket | None = None
    ) -> ListeningPort:
        """Listen as the HTTP proxy of the browser of ``client``, or without one as the site, for all other browsers.

        ``recording`` records the requests to the site. ``listener`` is a socket that listens already.
        """
        listener = listener or socket.create_server(("127.0.0.1", 0), backlog=128)
        listener.setblocking(False)

        async def talk(connected: socket.socket) -> None:
            await self._talk(connected, recording, client)

        async def begin() -> asyncio.Task[None]:
            return asyncio.get_running_loop().create_task(downstream.accept(listener, talk))

        task = self._in_the_thread(begin())
        self._listening[task] = listener

        def close() -> None:
            if self._listening.pop(task, None):
                self._in_the_thread(_cancelled(task))
                listener.close()

        return ListeningPort(listener.getsockname()[1], close)

    @contextlib.contextmanager
    def requests_held(self, recording: Recording) -> Iterator[None]:
        """For this block, have requests to the site of this recording wait, since the site restarts."""
        self._call(recording.hold_requests)
        try:
            yield
        finally:
            self._call(recording.release_requests)

    def close(self) -> None:
        """End every connection and the thread."""
        for task, listener in self._listening.items():
            self._in_the_thread(_cancelled(task))
            listener.close()
        self._listening.clear()
        self._in_the_thread(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        sys.setswitchinterval(self._switched)
        self._loop.close()
        self._own.close()

    async def _talk(self, connected: socket.socket, recording: Recording, client: ProxyClient | None) -> None:
        authority = await downstream.asked_to_connect(connected) if client else ""
        if authority:
            host, port = split_authority(authority, 443)
            if recording.of(host, port).passes(host, port):
                await _tunnel(connected, authority, Address(host, port))
                return
        connection = await downstream.begin(connected, authority, self._tls)
        await ConnectionHandler(connection, client, recording).run()

    def _in_the_thread(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _call(self, function: Callable[[], None]) -> None:
        async def call() -> None:
            function()

        self._in_the_thread(call())


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _tunnel(connected: socket.socket, authority: str, address: Address) -> None:
    """Pass a connection on to a host that is not the site's, unread and unrecorded."""
    try:
        upstream = await Upstream.connect(address)
    except OSError:
        await asyncio.get_running_loop().sock_sendall(connected, b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
        return
    connection = await downstream.begin(connected, authority, None)
    await pass_both_ways((connection.reader, connection.writer), (upstream.reader, upstream.writer))
