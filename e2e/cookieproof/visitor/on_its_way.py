"""What is on its way between one browser and its sites, and what of it never ends."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from cookieproof.words import printable, shown

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

ENDLESS_SECONDS = 5.0
# Who asks again so soon after the answer, for ENDLESS_SECONDS on end, asks again and again.
GAP_SECONDS = 0.5
STREAMS = {"eventsource": "an event stream", "websocket": "a web socket"}


class OnItsWay:
    """The requests that have no answer yet. A visitor tells of each beginning and end.

    Waited for is what can be expected to end: no stream, nothing that has been open for
    ``ENDLESS_SECONDS``, and nothing that a page asks again and again as soon as it is answered.
    """

    def __init__(self) -> None:
        self._open: dict[Request, float] = {}
        # What is asked again and again, and when it was last answered.
        self._loops: dict[str, float] = {}
        # While somebody waits: since when there was always one of these on its way, and when one was last seen.
        self._unbroken: dict[str, tuple[float, float]] = {}
        self._told: set[str] = set()
        self._answered: set[Request] = set()

    def clear(self) -> None:
        """Forget all: the browser has ended."""
        for each in (self._open, self._loops, self._unbroken, self._answered):
            each.clear()

    def begin(self, request: Request) -> None:
        now, name = time.monotonic(), _kind(request)
        # The end of the one before may be told later.
        goes_on = now - self._loops.get(name, now) <= GAP_SECONDS or name in map(_kind, self._open)
        self._open[request] = now
        if not goes_on:
            del self._loops[name]

    def end(self, request: Request) -> None:
        self._answered.discard(request)
        if self._open.pop(request, None) and (name := _kind(request)) in self._loops:
            self._loops[name] = time.monotonic()

    def answer(self, request: Request) -> None:
        """Its answer has begun, headers and all; of a stream no more is waited for."""
        self._answered.add(request)

    def begin_to_wait(self) -> None:
        """From now on the test does nothing, so that what is asked is asked by pages."""
        self._unbroken.clear()

    def awaited(self) -> list[Request]:
        """What is to be waited for. Ask again and again while you wait: so it is found what never ends."""
        if not self._open:
            return []
        for request in [each for each in self._open if _is_of_a_closed_page(each)]:
            del self._open[request]  # of which no end is told
        self._find_loops()
        return [each for each in self._open if not self._why_endless(each)]

    def _find_loops(self) -> None:
        now, names = time.monotonic(), {_kind(each) for each in self._open}
        self._unbroken = {
            name: (since, now if name in names else seen)
            for name, (since, seen) in self._unbroken.items()
            if name in names or now - seen <= GAP_SECONDS
        }
        for name in names:
            since, _ = self._unbroken.setdefault(name, (now, now))
            if now - since > ENDLESS_SECONDS:
                self._loops.setdefault(name, now)

    def _why_endless(self, request: Request) -> str:
        if (stream := STREAMS.get(request.resource_type)) and request in self._answered:
            return stream
        seconds = time.monotonic() - self._open[request]
        if seconds > ENDLESS_SECONDS:
            return f"open for {seconds:.0f} s"
        return "asked again and again" if _kind(request) in self._loops else ""

    def endless(self, page: Page | None = None) -> list[str]:
        """What is not waited for, each as "GET http://localhost/poll (open for 7 s)"; of one page, or of all."""
        whys = {each: self._why_endless(each) for each in self._open if page is None or page_of(each) == page}
        return sorted({f"{spelled(each)} ({why})" for each, why in whys.items() if why})

    def told(self) -> list[str]:
        """What is open, for a failure: what was waited for, and what was not."""
        awaited = [f"{spelled(each)}, still waited for" for each in self.awaited()]
        return [*awaited, *(f"{each}, not waited for" for each in self.endless())]

    def news(self) -> list[str]:
        """What is not waited for, each once: for the report."""
        kinds = {_kind(each): each for each in self._open if self._why_endless(each)}
        new = [each for kind, each in kinds.items() if kind not in self._told]
        self._told |= kinds.keys()
        return [f"{spelled(each)} ({self._why_endless(each)})" for each in new]


def spelled(request: Request) -> str:
    """Method and URL."""
    return f"{request.method} {shown(request.url)}"


def page_of(request: Request) -> Page | None:
    """The page that asks; None for a service worker."""
    from playwright.sync_api import Error

    try:
        return request.frame.page
    except Error:
        return None


def _is_of_a_closed_page(request: Request) -> bool:
    page = page_of(request)
    return page is not None and page.is_closed()


def _kind(request: Request) -> str:
    """Method and URL without query and numbers: who polls often says what came last."""
    return f"{request.method} {re.sub(r'[0-9]+', '0', printable(request.url.partition('?')[0]))}"
