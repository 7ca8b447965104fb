"""Finds the requests that a page sends repeatedly by a timer."""

from __future__ import annotations

import contextlib
import itertools
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cookieproof.visitor.pending_requests import PendingRequests, kind_of
from cookieproof.words import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Frame, Page, Request

TIMES, REMEMBERED = 3, 6
# A timer's requests have gaps that are not shorter than this, and that differ by no more than this share.
SHORTEST_GAP_SECONDS, SHARE = 0.2, 1 / 2
BY_SCRIPT = ("fetch", "xhr", "ping")


class Polls:
    """Finds requests that a document has sent ``TIMES`` times, at regular gaps or while the test did nothing.

    The test does nothing while the harness waits, or runs timers of pages.
    """

    def __init__(self, pending: PendingRequests) -> None:
        self._pending = pending
        self._is_living = False
        # The last requests of each kind, and when each was reported. ``kind_of`` ignores numbers and queries.
        self._asked: dict[tuple[Frame, str], list[tuple[Request, float]]] = {}
        self._by_itself: set[tuple[Frame, str]] = set()

    def clear(self) -> None:
        """Forget all: the browser has ended."""
        self._asked.clear()
        self._by_itself.clear()

    @contextlib.contextmanager
    def by_itself(self) -> Iterator[None]:
        """For this block, the test does nothing: a page sends each new request by itself."""
        self._is_living = True
        try:
            yield
        finally:
            self._is_living = False

    def begin(self, request: Request) -> None:
        """Note that the browser sends this request; that for another document makes the frame's requests forgotten."""
        from playwright.sync_api import Error

        try:
            frame = request.frame
        except Error:  # a service worker's, or that of a page which has not begun
            return
        if request.is_navigation_request():
            self._forget(frame)
        elif request.resource_type in BY_SCRIPT:
            key = (frame, kind_of(request))
            self._asked[key] = [*self._asked.get(key, []), (request, time.monotonic())][-REMEMBERED:]
            if self._is_living or self._pending.is_waiting:
                self._by_itself.add(key)

    def _forget(self, frame: Frame) -> None:
        """Forget the requests of a frame and the frames within it: another document comes there."""
        for key in [each for each in self._asked if frame in (each[0], each[0].page.main_frame)]:
            del self._asked[key]
            self._by_itself.discard(key)

    def found(self, pages: Sequence[Page]) -> list[str]:
        """Return what these pages ask for by a timer: "/account asks for GET /ping"."""
        return [
            f"{printable(urlsplit(frame.url).path)} asks for {last.method} {printable(urlsplit(last.url).path)}"
            for (frame, kind), asked in self._asked.items()
            for last, _ in asked[-1:]
            if frame.page in pages and not frame.is_detached()
            if len(asked) >= TIMES and (_are_regular([*map(_began, asked)]) or (frame, kind) in self._by_itself)
        ]


def _began(asked: tuple[Request, float]) -> float:
    """Return when the browser sent the request, in seconds; when it was reported, if the browser does not say."""
    request, heard = asked
    return request.timing["startTime"] / 1000 if request.timing["startTime"] > 0 else heard


def _are_regular(times: Sequence[float]) -> bool:
    """Return whether ``TIMES`` requests in a row came at a timer's gaps; on a busy machine others may be late."""
    gaps = [abs(after - before) for before, after in itertools.pairwise(times)]
    some = [gaps[first : first + TIMES - 1] for first in range(len(gaps) - TIMES + 2)]
    return any(min(those) >= SHORTEST_GAP_SECONDS and max(those) - min(those) <= SHARE * max(those) for those in some)
