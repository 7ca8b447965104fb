"""Handles one browser's connection: reads its requests, and sends the answers of the site or of the harness."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import TYPE_CHECKING, Any

from cookieproof.errors import CookieproofError
from cookieproof.site.recorder.downstream import Connection
from cookieproof.site.recorder.framing import (
    UNTIL_CLOSE,
    CutOff,
    Length,
    length_of_request,
    length_of_response,
    pass_both_ways,
    pass_on,
)
from cookieproof.site.recorder.head import Head, Unframed, read_head
from cookieproof.site.recorder.own_answers import Answer, plain
from cookieproof.site.recorder.recording import Recording
from cookieproof.site.recorder.request import Request, read_request
from cookieproof.site.recorder.upstream import CONNECT_SECONDS, Address, Upstream

if TYPE_CHECKING:
    from cookieproof.site.recorder.hosts import ProxyClient

# Methods of requests that a proxy may send again, if they have no body (RFC 9110, 9.2.2).
IDEMPOTENT = (b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"PUT", b"DELETE")
SWITCHING_PROTOCOLS = 101
EVENT_STREAM = b"text/event-stream"


class _NoAnswer(Exception):
    """Raised if the site's connection ended before a byte of the answer. ``is_old``: it had been used before."""

    def __init__(self, *, is_old: bool) -> None:
        super().__init__()
        self.is_old = is_old


class ConnectionHandler:
    """Reads the requests of one browser's connection and answers each, until one side ends the connection."""

    def __init__(self, connection: Connection, client: ProxyClient | None, recording: Recording) -> None:
        """Handle ``connection`` of the browser of ``client``; None for a browser that is no visitor's.

        ``recording`` is the first site's; it leads to the recordings of other sites.
        """
        self._connection, self._client, self._first = connection, client, recording
        self._recording = recording  # of the site that is asked at present
        self._upstream: Upstream | None = None

    async def run(self) -> None:
        """Answer one request after the other, and close both connections at the end."""
        try:
            # An answer that was cut off is cut off for the browser, too.
            with contextlib.suppress(CutOff):
                while await self._exchange():
                    pass
        finally:
            self._connection.writer.close()
            if self._upstream:
                self._upstream.close()

    async def _exchange(self) -> bool:
        """Read one request and answer it. Return whether the connection stays open."""
        connection = self._connection
        try:
            head = await read_head(connection.reader)
            if head is None:
                return False
            request = read_request(head, connection.scheme, connection.authority)
            length = length_of_request(head)
        except Unframed as why:
            await self._send_answer(plain(400, f"The recorder cannot read this request: {why}."))
            return False
        if self._client:
            self._recording = self._first.of(request.host, request.port)
        if own := self._recording.own_answer(request, self._client):
            await self._send_answer(own, with_body=request.method != b"HEAD")
            # A body that may come is not read.
            return not length and "Connection" not in own.headers and _stays_open(request.head)
        return await self._pass_on(request, length)

    async def _send_answer(self, answer: Answer, *, with_body: bool = True) -> None:
        self._connection.writer.write(answer.to_bytes(with_body=with_body))
        await self._connection.writer.drain()

    async def _pass_on(self, request: Request, length: Length) -> bool:
        is_the_sites = self._recording.is_the_sites(request, self._client)
        try:
            address = await self._recording.address(request, is_the_sites=is_the_sites)
            forwarded = is_the_sites and self._recording.origin.forwarded
            head = request.for_the_site(forwarded=forwarded)
            try:
                return await self._forward(address, request, head, length, is_the_sites=is_the_sites)
            except (_NoAnswer, OSError) as error:
                # What could not connect has not begun to send.
                may_be_sent_again = isinstance(error, OSError) or (request.method in IDEMPOTENT and length == 0)
                if not may_be_sent_again:
                    raise
                now = await self._recording.address(request, is_the_sites=is_the_sites)
                # It had closed the connection meanwhile, or was about to restart.
                if now == address and not (isinstance(error, _NoAnswer) and error.is_old):
                    raise
                return await self._forward(now, request, head, length, is_the_sites=is_the_sites)
        except CookieproofError as error:
            await self._fail(request, str(error))
        except _NoAnswer:
            await self._fail(request, "It closed the connection without an answer.")
        except Unframed as why:
            await self._fail(request, f"Its answer cannot be passed on: {why}.")
        except ssl.SSLCertVerificationError as error:
            distrust = f"Its certificate is not to be trusted: {error.verify_message}."
            remedy = 'Give it one that is, or say use = {"context_options": {"ignore_https_errors": True}}.'
            await self._fail(request, f"{distrust} {remedy}")
        except (OSError, TimeoutError) as error:  # ssl.SSLError is one
            reason = str(error) or f"it did not accept the connection within {CONNECT_SECONDS:g} s"
            await self._fail(request, f"It cannot be reached: {reason}.")
        return False

    async def _fail(self, request: Request, why: str) -> None:
        """Answer in place of the site with the reason: how the site's process ended, if it has, else ``why``."""
        await self._send_answer(self._recording.failed(request, self._client, await self._why_unreachable() or why))

    async def _why_unreachable(self) -> str:
        return await asyncio.get_running_loop().run_in_executor(None, self._recording.origin.why_unreachable)

    async def _forward(
        self, address: Address, request: Request, head: bytes, length: Length, *, is_the_sites: bool
    ) -> bool:
        upstream = await self._connected(address)
        number = self._recording.begin(request, self._client) if is_the_sites else None
        upstream.writer.write(head)
        # Without a body there is nothing more to send: a task is a third of what an exchange costs.
        body = asyncio.ensure_future(self._send_body(upstream, length, number)) if length else None
        answer = asyncio.ensure_future(self._answer(upstream, request, number))
        try:
            either: list[asyncio.Future[Any]] = [answer, self._connection.gone]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise CutOff  # the browser has closed the connection
            try:
                stays_open = answer.result()
            except (_NoAnswer, CutOff):
                if await self._why_unreachable():
                    self._recording.note_broken(number)
                raise
            upstream.note_answer()
            # A site may answer before it has read all: then neither connection can be used again.
            return stays_open and (body is None or (body.done() and not body.exception()))
        finally:
            self._recording.end(number)
            left = [task for task in (body, answer) if task and not task.done()]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            if body and not body.cancelled():
                body.exception()  # else asyncio would say that nobody has asked for it

    async def _connected(self, address: Address) -> Upstream:
        if self._upstream and self._upstream.serves(address):
            return self._upstream
        if self._upstream:
            self._upstream.close()
        self._upstream = await Upstream.connect(address)
        return self._upstream

    async def _send_body(self, upstream: Upstream, length: Length, noted: int | None) -> None:
        await upstream.writer.drain()
        kept = self._recording.bodies.of(noted, asked=True)
        await pass_on(self._connection.reader, upstream.writer, length, kept)

    async def _answer(self, upstream: Upstream, request: Request, number: int | None) -> bool:
        """Pass the site's answer on, interim (1xx) answers too. Return whether the browser's connection stays open."""
        while True:
            head = await self._head(upstream)
            status = _status(head)
            length = length_of_response(head, request.method, status)
            if status >= 200 or status == SWITCHING_PROTOCOLS:
                self._recording.record_response(number, head, status)
            may_stay_open = status >= 200 and length != UNTIL_CLOSE and _stays_open(request.head)
            is_last = not _stays_open(head)  # over the site's connection
            if may_stay_open and is_last:
                head = _without_close(head)
            try:
                writer = self._connection.writer
                writer.write(bytes(head))
                await writer.drain()
                if status == SWITCHING_PROTOCOLS:
                    self._recording.end(number)
                    await pass_both_ways((self._connection.reader, writer), (upstream.reader, upstream.writer))
                    return False
                if status >= 200:
                    is_stream = any(EVENT_STREAM in value.lower() for value in head.values(b"content-type"))
                    with self._recording.streaming(upstream.close) if is_stream else contextlib.nullcontext():
                        await pass_on(upstream.reader, writer, length, self._recording.bodies.of(number))
                    if is_last:
                        upstream.close()
                    return may_stay_open and _stays_open(head)
            except (Unframed, OSError):
                raise CutOff from None  # its head has gone out already

    async def _head(self, upstream: Upstream) -> Head:
        try:
            head = await read_head(upstream.reader)
        except ConnectionError:
            head = None
        if head is None:
            upstream.close()
            raise _NoAnswer(is_old=upstream.is_used)
        return head


def _status(head: Head) -> int:
    version, _, rest = head.start.partition(b" ")
    if not version.startswith(b"HTTP/1") or not rest[:3].isdigit():
        raise Unframed(f"its first line is {head.start[:60]!r}")
    return int(rest[:3])


def _without_close(head: Head) -> Head:
    """Return the head of an answer without ``Connection: close``, which is only about the site's own connection.

    The proxy decides about the browser's connection (RFC 9110, 7.6.1): it is kept, as behind nginx, even if the site
    closes its own. An HTTP/1.0 answer is left as it is, since its end may be the connection's end.
    """
    if b"HTTP/1.0" in head.start:
        return head
    others = [each for each in head.tokens(b"connection") if each != b"close"]
    return head.replaced([b"connection"], [b"Connection: " + b", ".join(others) + b"\r\n"] if others else [])


def _stays_open(*heads: Head) -> bool:
    """Return whether neither of these heads says that the connection is to be closed."""
    return all(
        b"keep-alive" in tokens if b"HTTP/1.0" in head.start else b"close" not in tokens
        for head, tokens in ((head, head.tokens(b"connection")) for head in heads)
    )
