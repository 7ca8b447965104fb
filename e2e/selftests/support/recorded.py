"""A recorder before a site of raw bytes, and browsers of raw bytes before it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cookieproof.site.certificate import Certificate
from cookieproof.site.recorder.hosts import Hosts, ProxyClient
from cookieproof.site.recorder.recorder import ListeningPort, Recorder
from cookieproof.site.recorder.recording import Recording
from cookieproof.site.recorder.upstream import Address

SECONDS = 20.0
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
FORWARDED = (b"X-Forwarded-For", b"X-Forwarded-Proto", b"X-Forwarded-Host", b"X-Forwarded-Port")
Talk = Callable[[socket.socket], None]


@dataclass
class RawSite:
    """Each connection to it is talked to by a thread of its own; ``heads`` are the requests' as they came."""

    talk: Talk
    heads: list[bytes] = field(default_factory=list)
    forwarded: bool = False
    start: int = 0
    why: str = ""
    host: str = "127.0.0.1"

    def __post_init__(self) -> None:
        self._socket = socket.create_server((self.host, 0))
        self.port: int = self._socket.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def address(self, scheme: str, host: str, port: int) -> Address:
        return Address(self.host, self.port, start=self.start)

    def why_unreachable(self) -> str:
        return self.why

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join(SECONDS)
            assert not thread.is_alive()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connected, _ = self._socket.accept()
                thread = threading.Thread(target=self._talk, args=(connected,))
                self._threads.append(thread)
                thread.start()

    def _talk(self, connected: socket.socket) -> None:
        connected.settimeout(SECONDS)
        with connected, contextlib.suppress(OSError):
            self.talk(connected)


@dataclass
class Recorded:
    """The site, its record, and connections to both."""

    site: RawSite
    recorder: Recorder
    recording: Recording
    front: ListeningPort
    proxy: ListeningPort

    def connect(self, *, as_visitor: bool = False) -> socket.socket:
        """A browser's connection: to the site's port, or to a visitor's proxy."""
        port = (self.proxy if as_visitor else self.front).port
        return socket.create_connection(("127.0.0.1", port), SECONDS)

    def connect_by_tls(self, authority: str) -> ssl.SSLSocket:
        """A visitor's connection over TLS, by CONNECT."""
        connected = self.connect(as_visitor=True)
        connected.sendall(f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode())
        assert receive_head(connected).startswith(b"HTTP/1.1 200 ")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(connected, server_hostname=authority.partition(":")[0])

    def ask(self, request: bytes, *, as_visitor: bool = False) -> bytes:
        """Whatever comes until the connection is closed."""
        with self.connect(as_visitor=as_visitor) as connected:
            connected.sendall(request)
            return receive_all(connected)


@contextlib.contextmanager
def recorded(
    folder: Path,
    talk: Talk | None = None,
    *,
    names: tuple[str, ...] = ("localhost", "*.localhost"),
    allowed: tuple[str, ...] = (),
) -> Iterator[Recorded]:
    """For this block, a recorder before a site that talks so; without, it answers each request with ``OK``."""
    site = RawSite(talk or answer_each(OK))
    recorder = Recorder(Certificate(folder).file, lambda: datetime.now(UTC))
    listener = socket.create_server(("127.0.0.1", 0))
    recording = recorder.record(site, Hosts(names, (80, 443, listener.getsockname()[1]), allowed))
    front, proxy = recorder.listen(recording, listener=listener), recorder.listen(recording, ProxyClient(7, 2))
    try:
        yield Recorded(site, recorder, recording, front, proxy)
    finally:
        front.close()
        proxy.close()
        recorder.close()
        site.close()


def answer_each(*answers: bytes, heads: list[bytes] | None = None, closes: bool = False) -> Talk:
    """Answers the requests on each connection with these bytes in turn, the last one for ever."""

    def talk(connected: socket.socket) -> None:
        left = list(answers)
        while head := receive_head(connected):
            if heads is not None:
                heads.append(head)
            connected.sendall(left[0])
            left = left[1:] or left
            if closes:
                return

    return talk


def receive_head(connected: socket.socket) -> bytes:
    """To the empty line; what came where the other side closes before."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        if isinstance(connected, ssl.SSLSocket):  # which cannot be looked into
            head += (more := connected.recv(1))
            if not more:
                break
            continue
        come = connected.recv(1 << 16, socket.MSG_PEEK)
        end = (head[-3:] + come).find(b"\r\n\r\n")
        more = connected.recv(len(come) if end < 0 else end + 4 - len(head[-3:]))
        if not more:
            break
        head += more
    return head


def receive(connected: socket.socket, size: int) -> bytes:
    """So many bytes; fewer where the other side closes before."""
    data = b""
    while len(data) < size and (more := connected.recv(size - len(data))):
        data += more
    return data


def receive_all(connected: socket.socket) -> bytes:
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while more := connected.recv(1 << 16):
            data += more
    return data
