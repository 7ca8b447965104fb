"""Asks the site outside any browser, with headers as a browser sent them."""

from __future__ import annotations

import contextlib
import functools
import http.client
import io
import select
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from cookieproof.cookies.set_cookie import SetCookie
from cookieproof.errors import CookieproofError
from cookieproof.promises.audit.renewals import Pair, Renewals
from cookieproof.promises.audit.texts import decoded
from cookieproof.site.site import Site

NOBODY = 0  # the number of no visitor: what is asked outside is recorded as another browser's
ASK_SECONDS = 20.0  # for a request and its whole answer, however it trickles in
# What only the recorded connection meant: a copy asks for the whole answer, in a form that can be read.
LEFT_OUT = (
    *("accept-encoding", "if-none-match", "if-modified-since", "range", "if-range"),
    *("connection", "proxy-connection", "content-length", "transfer-encoding"),
)
# How it shows that the recorder closed a connection before it read a request.
CLOSED = (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError, ssl.SSLEOFError)
Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """An answer of the site: its headers as they came, its body as text."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    def header(self, name: str) -> str:
        """Return the values of the header of this name (in lower case), joined; an empty text without one."""
        return ", ".join(value for key, value in self.headers if key.lower() == name)

    @property
    def set_cookies(self) -> list[SetCookie]:
        """The cookies that it sets, and those that it deletes."""
        return [SetCookie(value) for name, value in self.headers if name.lower() == "set-cookie"]

    @property
    def given(self) -> list[Pair]:
        """Name and value of each cookie that it sets; a deletion gives nothing."""
        now = datetime.now(UTC)
        ends = [(each, each.expires(now)) for each in self.set_cookies]
        return [(each.name, each.value) for each, end in ends if end is None or end > now]

    @property
    def content_type(self) -> str:
        return self.header("content-type").lower()


class _Until(io.RawIOBase):
    """What comes from a socket up to a deadline: the socket's own timeout begins anew with each octet."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection, self._raw, self._deadline = connection, connection.makefile("rb", buffering=0), deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"the answer has not ended within {ASK_SECONDS:g} s")
        self._connection.settimeout(left)
        return self._raw.readinto(buffer)

    def makefile(self, mode: str) -> io.BufferedReader:
        """As a socket's, which the standard library's answer reads."""
        return io.BufferedReader(self)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """Of several answers to one request the last: those before it are interim (RFC 9110, 15.2)."""

    def begin(self) -> None:
        super().begin()
        while self.status < HTTPStatus.OK and self.status != HTTPStatus.SWITCHING_PROTOCOLS:
            self.headers = None  # type: ignore[assignment]  # else it is taken to have begun
            super().begin()


def _response(deadline: float, connection: socket.socket, **more: Any) -> http.client.HTTPResponse:
    return _Response(_Until(connection, deadline), **more)  # type: ignore[arg-type]


class Outside:
    """Sends requests by the recorder's proxy, so that they take the same way as a browser's and are recorded.

    ``renewals`` are the values that changed with each request.
    """

    def __init__(self, site: Site) -> None:
        self.renewals = Renewals()
        self._site, self._port = site, site.proxy(NOBODY, 1)
        self._tls = ssl._create_unverified_context()  # the recorder's certificate is the run's own
        # That to each origin stays open, as a browser's does: it saves two processes half of what a request costs.
        self._connections: dict[str, http.client.HTTPConnection] = {}

    def close(self) -> None:
        """Close all connections."""
        while self._connections:
            self._connections.popitem()[1].close()

    def ask(self, method: str, origin: str, target: str, headers: Headers, body: bytes = b"") -> Answer:
        """Send a request to path and query of an origin, and return the answer; no redirect is followed."""
        send = functools.partial(_send, time.monotonic() + ASK_SECONDS, method, origin, target, headers, body)
        connection, answer = self._open_connection(origin), None
        try:
            if connection:
                # The recorder answers whatever it has read: what it closes without an answer never came to the site.
                with contextlib.suppress(*CLOSED):
                    answer = send(connection)
            if not connection or not answer:
                if connection:
                    connection.close()
                connection = self._new_connection(origin)
                answer = send(connection)
            text = decoded(answer.read(), answer.getheader("content-encoding", ""))
        except (OSError, http.client.HTTPException) as error:
            if connection:
                connection.close()
            raise CookieproofError(f"{method} {target} was not answered outside the browser: {error}.") from None
        if connection.sock and not answer.will_close:
            self._connections[origin] = connection
        else:
            connection.close()
        return Answer(answer.status, tuple(answer.getheaders()), text)

    def _open_connection(self, origin: str) -> http.client.HTTPConnection | None:
        """Return the open connection to an origin; None if there is none, or the recorder has closed it."""
        connection = self._connections.pop(origin, None)
        if connection and select.select([connection.sock], [], [], 0)[0]:  # what is readable now is its end
            connection.close()
            return None
        return connection

    def _new_connection(self, origin: str) -> http.client.HTTPConnection:
        asked = urlsplit(origin)
        host, port = asked.hostname or "", asked.port or {"http": 80, "https": 443}[asked.scheme]
        if asked.scheme == "http":
            return http.client.HTTPConnection("127.0.0.1", self._port, timeout=ASK_SECONDS)
        made = http.client.HTTPSConnection("127.0.0.1", self._port, timeout=ASK_SECONDS, context=self._tls)
        made.set_tunnel(host, port)
        return made


def _send(
    deadline: float,
    method: str,
    origin: str,
    target: str,
    headers: Headers,
    body: bytes,
    connection: http.client.HTTPConnection,
) -> http.client.HTTPResponse:
    """Send a request and return its answer, of which only the head has come."""
    connection.response_class = functools.partial(_response, deadline)  # type: ignore[assignment]
    asked = urlsplit(origin)
    in_tunnel = asked.scheme == "https"
    connection.putrequest(method, target if in_tunnel else origin + target, skip_host=True, skip_accept_encoding=True)
    for name, value in headers:
        if name.lower() not in LEFT_OUT:
            connection.putheader(name, value.encode("latin-1", "replace"))
    if not any(name.lower() == "host" for name, _ in headers):
        connection.putheader("Host", asked.netloc)
    if body:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body or None)
    return connection.getresponse()
