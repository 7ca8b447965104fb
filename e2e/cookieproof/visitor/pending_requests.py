"""Keeps the requests of one browser that are not answered yet, and finds those that never end."""

from __future__ import annotations

import contextlib
import re
import time
from typing import TYPE_CHECKING

from cookieproof.words import printable, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page, Request

ENDLESS_SECONDS = 5.0
# A request that is repeated so soon after each answer, for ENDLESS_SECONDS, is repeated without end.
GAP_SECONDS = 0.5
STREAMS = {"eventsource": "an event stream", "websocket": "a web socket"}


class PendingRequests:
    """The requests that are not answered yet, as ``begin`` and ``end`` report them.

    A request is waited for if it can be expected to end: it is no stream, has not been open for ``ENDLESS_SECONDS``,
    and is not repeated as soon as it is answered. A page that has loaded, and then sends one request after the other
    for ``ENDLESS_SECONDS`` during a wait, is taken to do so without end; what was pending before the wait was caused
    by the test, and is waited for.
    """

    def __init__(self) -> None:
        self._open: dict[Request, float] = {}
        # Kinds of requests that are repeated without end, and when each was last answered.
        self._loops: dict[str, float] = {}
        # During a wait: since when one of each kind was always pending, and when one was last pending.
        self._unbroken: dict[str, tuple[float, float]] = {}
        # The same for all requests of a loaded page; and when a page that sends requests without end last had one.
        self._busy: dict[Page, tuple[float, float]] = {}
        self._restless: dict[Page | None, float] = {}
        self._loaded: dict[Page, float] = {}
        # ``is_waiting``: whether the test only waits, so that a page sends a new request by itself; and such requests.
        self.is_waiting = self._begins_to_wait = False
        self._by_itself: set[Request] = set()
        self._reported: set[str] = set()
        self._answered: set[Request] = set()

    def clear(self) -> None:
        """Forget all requests: the browser has ended."""
        by_page = (self._busy, self._restless, self._loaded)
        for each in (self._open, self._loops, self._unbroken, self._answered, self._by_itself, *by_page):
            each.clear()

    def load(self, page: Page) -> None:
        """Note that this page has loaded."""
        self._loaded[page] = time.monotonic()

    def has_loaded(self, page: Page) -> bool:
        """Return whether this page is known to have loaded; unknown of a page from the back/forward cache."""
        return page in self._loaded

    def loaded_at(self, page: Page) -> float | None:
        """Return when this page has loaded (``time.monotonic``); None if unknown."""
        return self._loaded.get(page)

    def note_document(self, page: Page, *, loads: bool, ends: bool) -> None:
        """Note that the page has another document, which ``loads``, or came from the back/forward cache.

        ``ends`` is whether the end of the previous document's requests will be reported.
        """
        if loads:
            self._loaded.pop(page, None)
        if not ends:
            for request in [
                each for each in self._open if page_of(each) == page and not is_document_request(each, page)
            ]:
                self.end(request)

    def begin(self, request: Request) -> None:
        """Note that the browser sends this request."""
        now, name = time.monotonic(), kind_of(request)
        # The end of the previous request may be reported later.
        goes_on = now - self._loops.get(name, now) <= GAP_SECONDS or name in map(kind_of, self._open)
        page = page_of(request)
        page_goes_on = now - self._restless.get(page, now) <= GAP_SECONDS or page in map(page_of, self._open)
        self._open[request] = now
        if page in self._loaded and self.is_waiting:
            self._by_itself.add(request)
        if not goes_on:
            del self._loops[name]
        is_another = page and is_document_request(request, page)
        if page and (is_another or not page_goes_on):
            self._restless.pop(page, None)
        if page and is_another:
            self._loaded.pop(page, None)

    def end(self, request: Request) -> None:
        """Note that this request has been answered completely, or has failed."""
        self._answered.discard(request)
        self._by_itself.discard(request)
        if self._open.pop(request, None) and (name := kind_of(request)) in self._loops:
            self._loops[name] = time.monotonic()
        if (page := page_of(request)) in self._restless:
            self._restless[page] = time.monotonic()

    def answer(self, request: Request) -> None:
        """Note that the headers of the response have come; a stream is not waited for from then on."""
        self._answered.add(request)

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """For this block, the test only waits: a loaded page sends each new request by itself."""
        self._unbroken.clear()
        self._busy.clear()
        # Requests that the test caused before may be reported until the first call of ``awaited``.
        self._begins_to_wait = True
        try:
            yield
        finally:
            self.is_waiting = self._begins_to_wait = False

    def awaited(self) -> list[Request]:
        """Return the requests to wait for. Call it repeatedly during a wait, which finds requests that never end."""
        self.is_waiting = self._begins_to_wait
        if not self._open:
            return []
        for request in [each for each in self._open if _is_of_what_is_gone(each)]:
            del self._open[request]  # no end of these is reported
        self._find_loops()
        self._find_restless()
        return [each for each in self._open if not self._why_endless(each)]

    def _find_loops(self) -> None:
        now, names = time.monotonic(), {kind_of(each) for each in self._open}
        self._unbroken = {
            name: (since, now if name in names else seen)
            for name, (since, seen) in self._unbroken.items()
            if name in names or now - seen <= GAP_SECONDS
        }
        for name in names:
            since, _ = self._unbroken.setdefault(name, (now, now))
            if now - since > ENDLESS_SECONDS:
                self._loops.setdefault(name, now)

    def _find_restless(self) -> None:
        now = time.monotonic()
        self._busy = {page: (since, seen) for page, (since, seen) in self._busy.items() if now - seen <= GAP_SECONDS}
        asking = {
            page_of(each) for each in self._open if each in self._by_itself and not self._why_endless_by_itself(each)
        }
        for page in asking - {None}:
            assert page
            since, _ = self._busy.get(page, (now, now))
            self._busy[page] = since, now
            if now - since > ENDLESS_SECONDS:
                self._restless[page] = now

    def _why_endless(self, request: Request) -> str:
        if why := self._why_endless_by_itself(request):
            return why
        is_restless = page_of(request) in self._restless and request in self._by_itself
        return "its page asks without end" if is_restless else ""

    def _why_endless_by_itself(self, request: Request) -> str:
        if (stream := STREAMS.get(request.resource_type)) and request in self._answered:
            return stream
        seconds = time.monotonic() - self._open[request]
        if seconds > ENDLESS_SECONDS:
            return f"open for {seconds:.0f} s"
        return "asked again and again" if kind_of(request) in self._loops else ""

    def endless(self, page: Page | None = None) -> list[str]:
        """Return the requests that are not waited for, of one page or all: "GET http://a.test/poll (open for 7 s)"."""
        whys = {each: self._why_endless(each) for each in self._open if page is None or page_of(each) == page}
        return sorted({f"{method_and_url(each)} ({why})" for each, why in whys.items() if why})

    def described(self) -> list[str]:
        """Return a line for each open request, for a failure: whether it is waited for, or why not."""
        awaited = [f"{method_and_url(each)}, still waited for" for each in self.awaited()]
        return [*awaited, *(f"{each}, not waited for" for each in self.endless())]

    def new_endless(self) -> list[str]:
        """Return, for the report, the requests that are not waited for, each kind only once in a test."""
        kinds = {self._report_key(each): each for each in self._open if self._why_endless(each)}
        new = [each for kind, each in kinds.items() if kind not in self._reported]
        self._reported |= kinds.keys()
        return [f"{method_and_url(each)} ({self._why_endless(each)})" for each in new]

    def _report_key(self, request: Request) -> str:
        """Return the key by which requests count as one in the report; one for each page that asks without end."""
        if self._why_endless_by_itself(request):
            return kind_of(request)
        page = page_of(request)
        return f"page {page.url.partition('?')[0]}" if page else kind_of(request)


def method_and_url(request: Request) -> str:
    """Return method and URL of a request, for a person."""
    return f"{request.method} {shown(request.url)}"


def is_document_request(request: Request, page: Page) -> bool:
    """Return whether the request is for this page's own document."""
    return request.is_navigation_request() and page_of(request) == page and request.frame == page.main_frame


def page_of(request: Request) -> Page | None:
    """Return the page that sends the request; None for a service worker's."""
    from playwright.sync_api import Error

    try:
        return request.frame.page
    except Error:
        return None


def _is_of_what_is_gone(request: Request) -> bool:
    """Return whether the request's page is closed, or its frame detached."""
    page = page_of(request)
    return page is not None and (page.is_closed() or request.frame.is_detached())


def kind_of(request: Request) -> str:
    """Return method and URL, without query and with numbers as 0: the requests of a poll often differ in these."""
    return f"{request.method} {re.sub(r'[0-9]+', '0', printable(request.url.partition('?')[0]))}"
