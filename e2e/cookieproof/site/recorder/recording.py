"""Records the exchanges of one site, and decides which requests are for the site."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.errors import CookieproofError, wait_until
from cookieproof.site.recorder import own_answers
from cookieproof.site.recorder.bodies import Bodies
from cookieproof.site.recorder.head import Head
from cookieproof.site.recorder.hosts import Hosts, ProxyClient, matches
from cookieproof.site.recorder.own_answers import Answer
from cookieproof.site.recorder.request import Request, exchange_of
from cookieproof.site.recorder.upstream import Address, Origin

RESTART_SECONDS = 60.0
# Hosts that Chromium and Firefox ask over http by themselves, for updates and captive portals.
UPDATES = ("update.googleapis.com", "*.gvt1.com", "detectportal.firefox.com")
ENDLESS_SECONDS = 5.0  # as for what a page waits for


class Recording:
    """The exchanges of one site with every browser, in the order in which their answers began."""

    def __init__(self, origin: Origin, hosts: Hosts, own_port: int, now: Callable[[], datetime]) -> None:
        """Record the site at ``origin`` under ``hosts``.

        ``own_port`` is that of the harness's own pages; ``now`` returns the time for a record.
        """
        self.origin, self.hosts, self.own_port, self._now = origin, hosts, own_port, now
        self._lock = threading.Lock()
        self._exchanges: list[Exchange] = []
        self._in_flight: dict[int, Exchange] = {}
        self._since: dict[int, float] = {}  # time.monotonic() when each request in flight began
        self._written: dict[int, int] = {}  # the index in _exchanges of each request in flight that is answered
        self._numbers = itertools.count()
        self._up = asyncio.Event()
        self._up.set()
        self._streams: set[Callable[[], None]] = set()  # a function for each open stream that closes it
        self._endless: set[tuple[int | None, str, str, str]] = set()  # kinds of requests that were open for so long
        self._broken: list[str] = []  # requests during which the site closed the connection
        self.refused: dict[str, bool] = {}  # unnamed hosts that pages asked for, and whether they were reported
        self.failures: list[str] = []  # a sentence for each request that was answered with 502
        self._failures_told = 0
        self._others: tuple[Recording, ...] = ()
        self.bodies = Bodies()

    # For the threads of tests

    def set_other_sites(self, others: Iterable[Recording]) -> None:
        """Have visitors' requests to hosts of these other sites go to them from now on."""
        self._others = tuple(others)

    def exchanges(self, start: int = 0) -> list[Exchange]:
        """Return the exchanges from index ``start`` on."""
        with self._lock:
            return self._exchanges[start:]

    def in_flight(self, visitor: int | None = None) -> list[Exchange]:
        """Return the requests of this visitor, or of all, whose answers have not ended, as exchanges with status 0."""
        with self._lock:
            return [each for each in self._in_flight.values() if visitor in (None, each.visitor)]

    def tell_failures(self) -> str:
        """Return the sentences about requests that were answered with 502 since the last call, a line each."""
        with self._lock:
            news, self._failures_told = self.failures[self._failures_told :], len(self.failures)
        return "\n".join(news)

    def tell_refused(self) -> list[str]:
        """Return the hosts that pages asked for and nobody named; each host is in one call's result only."""
        with self._lock:
            news = sorted(host for host, is_told in self.refused.items() if not is_told)
            self.refused |= dict.fromkeys(news, True)
        return news

    def unanswered(self) -> list[str]:
        """Return method and path of each request that the site has not answered since its last start."""
        with self._lock:
            asked = [f"{each.method} {each.path}" for each in self._in_flight.values()]
            return [*self._broken, *asked]

    def wait_for_answers(self) -> None:
        """Wait until the requests in flight are answered, but for those open for 5 s, which may never end."""
        asked = self._awaited()
        wait_until(lambda: not asked & self._awaited(), "the site's answers", 2 * ENDLESS_SECONDS)

    def _awaited(self) -> set[int]:
        with self._lock:
            for number, since in self._since.items():
                if time.monotonic() - since >= ENDLESS_SECONDS:
                    self._endless.add(_kind(self._in_flight[number]))
            return {number for number, asked in self._in_flight.items() if _kind(asked) not in self._endless}

    # For the recorder's thread

    def of(self, host: str, port: int) -> Recording:
        """Return the recording of the site that visitors visit under this host and port; this one, if no other."""
        for each in self._others:
            is_own = port == self.own_port and matches(host, each.hosts.real)
            if is_own or each.hosts.are_the_sites(host, port):
                return each
        return self

    def hold_requests(self) -> None:
        """Have requests wait from now on, since the site restarts, and close its streams."""
        self._up.clear()
        self._broken.clear()
        for close in [*self._streams]:
            close()

    def release_requests(self) -> None:
        """Let the requests go on that wait for the restart."""
        self._up.set()

    @contextlib.contextmanager
    def streaming(self, close: Callable[[], None]) -> Iterator[None]:
        """For this block, call ``close`` if the site restarts: many servers would wait for the stream's end."""
        self._streams.add(close)
        try:
            yield
        finally:
            self._streams.remove(close)

    def is_the_sites(self, request: Request, client: ProxyClient | None) -> bool:
        """Return whether a request is for the site. All requests are that come to the port for other browsers."""
        return client is None or self.hosts.are_the_sites(request.host, request.port)

    def passes(self, host: str, port: int) -> bool:
        """Return whether a visitor's connection to this host and port is passed on unread."""
        hosts = self.hosts
        return not hosts.are_the_sites(host, port) and port != self.own_port and hosts.may_pass(host)

    def own_answer(self, request: Request, client: ProxyClient | None) -> Answer | None:
        """Return the harness's own answer to a request; None for a request that goes on to a site."""
        if client and request.port == self.own_port and matches(request.host, self.hosts.names):
            return own_answers.of_the_harness(request, self.own_port, client.visitor, self.exchanges(), self._now())
        if self.is_the_sites(request, client):
            return own_answers.of_the_site(request)
        if self.hosts.may_pass(request.host):
            return None
        if not _is_the_browsers_own(request):
            with self._lock:
                self.refused.setdefault(request.host, False)
        return own_answers.page(
            403,
            "Not visited",
            f"Nobody named {request.host}, and a run reaches nothing outside: name it in hosts= of web_server in "
            "playwright.config.py if it is the site, in sites= if it is another that can be served here, or in "
            "allow_hosts= if it may be reached.",
        )

    async def address(self, request: Request, *, is_the_sites: bool) -> Address:
        """Return where a request goes, after waiting for a restart. Raises ``CookieproofError`` after 60 s."""
        if not is_the_sites:
            return Address(request.host, request.port)
        if not self._up.is_set():
            try:
                await asyncio.wait_for(self._up.wait(), RESTART_SECONDS)
            except TimeoutError:
                raise CookieproofError(f"It has not restarted for {RESTART_SECONDS:g} s.") from None
        return self.origin.address(request.scheme, request.host, request.port)

    def begin(self, request: Request, client: ProxyClient | None) -> int:
        """Note that a request was sent to the site, and return a number for the request."""
        number = next(self._numbers)
        with self._lock:
            self._in_flight[number], self._since[number] = exchange_of(request, client, self._now()), time.monotonic()
        return number

    def record_response(self, number: int | None, head: Head, status: int) -> None:
        """Record the head of the answer to the request of this number; do nothing for None.

        None is the number of a request that is not for the site.
        """
        if number is None:
            return
        cleared = head.values(b"clear-site-data")
        location = head.values(b"location")
        with self._lock:
            told = replace(
                self._in_flight[number],
                time=self._now(),
                status=status,
                # What is no UTF-8 is kept, since a browser counts its octets.
                set_cookies=tuple(
                    SetCookie(value.decode(errors="surrogateescape")) for value in head.values(b"set-cookie")
                ),
                clear_site_data=b", ".join(cleared).decode(errors="replace") if cleared else None,
                location=location[0].decode(errors="replace") if location else None,
                answered=head.pairs(),
            )
            self._written[number] = len(self._exchanges)
            self._exchanges.append(told)

    def end(self, number: int | None) -> None:
        """Note that the answer to the request of this number has ended, or will never come."""
        with self._lock:
            if number is None or number not in self._in_flight:
                return
            del self._in_flight[number], self._since[number]
            body, asked = self.bodies.take(number), self.bodies.take(number, asked=True)
            if (index := self._written.pop(number, None)) is not None:
                told, now = self._exchanges[index], self._now()
                self._exchanges[index] = replace(told, ended=now, body=body, asked_body=asked)

    def note_broken(self, number: int | None) -> None:
        """Note that the site closed the connection instead of answering the request of this number."""
        with self._lock:
            if number is not None and (asked := self._in_flight.get(number)):
                self._broken.append(f"{asked.method} {asked.path}")

    def failed(self, request: Request, client: ProxyClient | None, why: str) -> Answer:
        """Record that the site has not answered a request, and return the error page for the browser."""
        asked = f"{request.method.decode('latin-1')} {request.path}"
        with self._lock:
            if self.is_the_sites(request, client):
                now = self._now()
                self._exchanges.append(replace(exchange_of(request, client, now), status=502, ended=now))
            self.failures.append(f"{asked} is answered with 502 by the recorder: {why}")
        return own_answers.page(502, "The site has not answered", f"{asked}: {why}")


def _is_the_browsers_own(request: Request) -> bool:
    """Return whether the browser asks by itself, as for an update or a list of accounts, and no page or person does."""
    asks_so = request.header(b"sec-fetch-site") in (None, "none") and request.header(b"sec-fetch-mode") != "navigate"
    # Browsers send Sec-Fetch-* only over https, and to trustworthy names.
    return matches(request.host, UPDATES) or (request.scheme == "https" and asks_so)


def _kind(asked: Exchange) -> tuple[int | None, str, str, str]:
    return asked.visitor, asked.method, asked.host, asked.path
