"""The requests of one browser that have no answer yet, and those of them that never end."""

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
# Who asks again so soon after the answer, for ENDLESS_SECONDS on end, asks again and again.
GAP_SECONDS = 0.5
STREAMS = {"eventsource": "an event stream", "websocket": "a web socket"}


class PendingRequests:
    """The requests that have no answer yet. A visitor tells of each beginning and end.

    Waited for is what can be expected to end: no stream, nothing that has been open for
    ``ENDLESS_SECONDS``, and nothing that a page asks again and again as soon as it is answered. A page that has
    loaded, and then asks this and that for ``ENDLESS_SECONDS`` on end while somebody waits, does so whatever it
    asks for; what was pending before the wait is the test's own doing, and waited for.
    """

    def __init__(self) -> None:
        self._open: dict[Request, float] = {}
        # What is asked again and again, and when it was last answered.
        self._loops: dict[str, float] = {}
        # While somebody waits: since when there was always one of these pending, and when one was last seen.
        self._unbroken: dict[str, tuple[float, float]] = {}
        # The same for all that a page asks for once it has loaded; and when those that never cease last had something.
        self._busy: dict[Page, tuple[float, float]] = {}
        self._restless: dict[Page | None, float] = {}
        self._loaded: dict[Page, float] = {}
        # ``is_waiting``: whether somebody waits, so that what begins is pages' own doing; and what has begun so.
        self.is_waiting = self._begins_to_wait = False
        self._by_itself: set[Request] = set()
        self._reported: set[str] = set()
        self._answered: set[Request] = set()

    def clear(self) -> None:
        """Forget all requests, since the browser has ended."""
        by_page = (self._busy, self._restless, self._loaded)
        for each in (self._open, self._loops, self._unbroken, self._answered, self._by_itself, *by_page):
            each.clear()

    def load(self, page: Page) -> None:
        """Note that this page has loaded."""
        self._loaded[page] = time.monotonic()

    def has_loaded(self, page: Page) -> bool:
        """Whether this page is known to have loaded; of one that came back from memory this may not be known."""
        return page in self._loaded

    def loaded_at(self, page: Page) -> float | None:
        """Return when this page has loaded (``time.monotonic``); None where that is not known."""
        return self._loaded.get(page)

    def arrive(self, page: Page, *, loads: bool, ends: bool) -> None:
        """Note that the page has another document now, which ``loads`` or came back from memory.

        ``ends`` says whether the end of what the one before has asked for will be told.
        """
        if loads:
            self._loaded.pop(page, None)
        if not ends:
            for request in [each for each in self._open if page_of(each) == page and not becomes(each, page)]:
                self.end(request)

    def begin(self, request: Request) -> None:
        now, name = time.monotonic(), kind_of(request)
        # The end of the one before may be told later.
        goes_on = now - self._loops.get(name, now) <= GAP_SECONDS or name in map(kind_of, self._open)
        page = page_of(request)
        page_goes_on = now - self._restless.get(page, now) <= GAP_SECONDS or page in map(page_of, self._open)
        self._open[request] = now
        if page in self._loaded and self.is_waiting:
            self._by_itself.add(request)
        if not goes_on:
            del self._loops[name]
        is_another = page and becomes(request, page)
        if page and (is_another or not page_goes_on):
            self._restless.pop(page, None)
        if page and is_another:
            self._loaded.pop(page, None)

    def end(self, request: Request) -> None:
        self._answered.discard(request)
        self._by_itself.discard(request)
        if self._open.pop(request, None) and (name := kind_of(request)) in self._loops:
            self._loops[name] = time.monotonic()
        if (page := page_of(request)) in self._restless:
            self._restless[page] = time.monotonic()

    def answer(self, request: Request) -> None:
        """Note that the headers of its answer have come; of a stream no more is waited for."""
        self._answered.add(request)

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """For this block, take each new request for a page's own, since the test only waits."""
        self._unbroken.clear()
        self._busy.clear()
        # What the test has brought about before is told until somebody asks for the first time what is awaited.
        self._begins_to_wait = True
        try:
            yield
        finally:
            self.is_waiting = self._begins_to_wait = False

    def awaited(self) -> list[Request]:
        """Return the requests to wait for. Call it repeatedly while you wait: so requests are found that never end."""
        self.is_waiting = self._begins_to_wait
        if not self._open:
            return []
        for request in [each for each in self._open if _is_of_what_is_gone(each)]:
            del self._open[request]  # of which no end is told
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
        """Return what is not waited for, each as "GET http://localhost/poll (open for 7 s)"; of one page, or of all."""
        whys = {each: self._why_endless(each) for each in self._open if page is None or page_of(each) == page}
        return sorted({f"{spelled(each)} ({why})" for each, why in whys.items() if why})

    def described(self) -> list[str]:
        """Return a line for each open request, for a failure: whether it was waited for, or why not."""
        awaited = [f"{spelled(each)}, still waited for" for each in self.awaited()]
        return [*awaited, *(f"{each}, not waited for" for each in self.endless())]

    def new_endless(self) -> list[str]:
        """Return for the report what is not waited for, each kind of request only once in a test."""
        kinds = {self._report_key(each): each for each in self._open if self._why_endless(each)}
        new = [each for kind, each in kinds.items() if kind not in self._reported]
        self._reported |= kinds.keys()
        return [f"{spelled(each)} ({self._why_endless(each)})" for each in new]

    def _report_key(self, request: Request) -> str:
        """Return what tells requests apart in the report; all that one page asks without end count as one."""
        if self._why_endless_by_itself(request):
            return kind_of(request)
        page = page_of(request)
        return f"page {page.url.partition('?')[0]}" if page else kind_of(request)


def spelled(request: Request) -> str:
    """Return method and URL, for a person."""
    return f"{request.method} {shown(request.url)}"


def becomes(request: Request, page: Page) -> bool:
    """Whether the request is for this page's own document."""
    return request.is_navigation_request() and page_of(request) == page and request.frame == page.main_frame


def page_of(request: Request) -> Page | None:
    """The page that asks; None for a service worker."""
    from playwright.sync_api import Error

    try:
        return request.frame.page
    except Error:
        return None


def _is_of_what_is_gone(request: Request) -> bool:
    """Whether its page is closed, or its frame is no longer in the page."""
    page = page_of(request)
    return page is not None and (page.is_closed() or request.frame.is_detached())


def kind_of(request: Request) -> str:
    """Return method and URL without query and numbers, in which the requests of a poll often differ."""
    return f"{request.method} {re.sub(r'[0-9]+', '0', printable(request.url.partition('?')[0]))}"
