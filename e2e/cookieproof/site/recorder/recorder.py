"""The thread in which everything is passed on, for all sites of one worker."""

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

from cookieproof.site.recorder import front
from cookieproof.site.recorder.conversation import Conversation
from cookieproof.site.recorder.framing import pass_both_ways
from cookieproof.site.recorder.hosts import Hosts, ProxyClient
from cookieproof.site.recorder.recording import Recording
from cookieproof.site.recorder.request import split_authority
from cookieproof.site.recorder.upstream import Address, Origin, Upstream

T = TypeVar("T")
# An exchange is some 20 calls of the system, and after each this thread waits until a test that computes gives way.
# With Python's own 5 ms an exchange took 100 ms then.
SWITCH_SECONDS = 0.0002


class Front:
    """A port of the recorder's, until it is closed."""

    def __init__(self, port: int, close: Callable[[], None]) -> None:
        self.port, self.close = port, close


class Recorder:
    """Listens on loopback: for each visitor at a port of its own, and for all other browsers at one of each site."""

    def __init__(self, certificate: Path, now: Callable[[], datetime]) -> None:
        """``certificate`` holds key and chain as PEM; ``now`` is the clock of the record."""
        self._now = now
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)
        self._tls.set_alpn_protocols(["http/1.1"])
        # Nothing listens there: browsers reach it only through the recorder. It is bound so that nobody takes it.
        self._own = socket.socket()
        self._own.bind(("127.0.0.1", 0))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="recorder")
        self._thread.start()
        self._switched = sys.getswitchinterval()
        sys.setswitchinterval(min(SWITCH_SECONDS, self._switched))
        self._fronts: set[asyncio.Task[None]] = set()

    @property
    def own_port(self) -> int:
        """The port at which the harness's own pages are, under every host of each site."""
        return int(self._own.getsockname()[1])

    def record(self, origin: Origin, hosts: Hosts) -> Recording:
        """Return an empty recording of the site that ``origin`` leads to and that browsers have under these hosts."""
        return Recording(origin, hosts, self.own_port, self._now)

    def listen(
        self, recording: Recording, client: ProxyClient | None = None, listener: socket.socket | None = None
    ) -> Front:
        """Listen as the proxy of the browser of ``client``, or without one as the site itself for all other browsers.

        ``recording`` takes what they ask the site. ``listener`` is a socket that listens already.
        """
        listener = listener or socket.create_server(("127.0.0.1", 0), backlog=128)
        listener.setblocking(False)

        async def talk(connected: socket.socket) -> None:
            await self._talk(connected, recording, client)

        async def begin() -> asyncio.Task[None]:
            return asyncio.get_running_loop().create_task(front.accept(listener, talk))

        task = self._in_the_thread(begin())
        self._fronts.add(task)

        def close() -> None:
            if task in self._fronts:
                self._fronts.remove(task)
                self._in_the_thread(_cancelled(task))
                listener.close()

        return Front(listener.getsockname()[1], close)

    @contextlib.contextmanager
    def held(self, recording: Recording) -> Iterator[None]:
        """For this block, have requests to the site of this recording wait, since it restarts."""
        self._call(recording.hold)
        try:
            yield
        finally:
            self._call(recording.go_on)

    def close(self) -> None:
        """End every connection and the thread."""
        for task in [*self._fronts]:
            self._in_the_thread(_cancelled(task))
        self._fronts.clear()
        self._in_the_thread(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        sys.setswitchinterval(self._switched)
        self._loop.close()
        self._own.close()

    async def _talk(self, connected: socket.socket, recording: Recording, client: ProxyClient | None) -> None:
        authority = await front.asked_to_connect(connected) if client else ""
        if authority:
            host, port = split_authority(authority, 443)
            if recording.of(host, port).passes(host, port):
                await _tunnel(connected, authority, Address(host, port))
                return
        connection = await front.begin(connected, authority, self._tls)
        await Conversation(connection, client, recording).run()

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
    """Pass on what is not the site's, as it is."""
    try:
        upstream = await Upstream.connect(address)
    except OSError:
        await asyncio.get_running_loop().sock_sendall(connected, b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
        return
    connection = await front.begin(connected, authority, None)
    await pass_both_ways((connection.reader, connection.writer), (upstream.reader, upstream.writer))
