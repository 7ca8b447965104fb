"""Waits for network idle: all requests of a visitor's browser are answered, and what scripts set is stored."""

from __future__ import annotations

import contextlib
import os
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from cookieproof.browser import pages
from cookieproof.browser.pages import DoesNotAnswer
from cookieproof.errors import CookieproofError, DeadlineExceeded, wait_until
from cookieproof.site.job import READY
from cookieproof.visitor.lives import Lives
from cookieproof.visitor.pending_requests import PendingRequests, method_and_url
from cookieproof.visitor.polls import Polls
from cookieproof.visitor.probe import FETCH_SECONDS
from cookieproof.visitor.storage import Storage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from playwright.sync_api import BrowserContext, Page, Request, Response

__tracebackhide__ = True  # a failure points at the line of the test

LOAD_STEP_SECONDS = 0.02
COMPLETE = "document.readyState === 'complete'"
# If the page may not fetch from its own site, it has no such request pending either. A service worker of the page
# may never answer, so the wait is shorter with one.
LAST_OF_ALL = """path => {
  let patience = 15000;
  try { if (navigator.serviceWorker?.controller) patience = 1000; } catch { /* a sandboxed page may not even ask */ }
  const signal = AbortSignal.timeout(patience);
  return fetch(path, {cache: "no-store", credentials: "omit", signal}).then(() => null, () => null);
}"""
# True for a page that has loaded and has no scripts, frames and the like: it changes nothing by itself.
STILL = """() => {
  const moves = "iframe, frame, object, embed, meta[http-equiv=refresh i], [href^='javascript:' i]";
  const handlers = document.evaluate("//@*[starts-with(name(), 'on')]", document, null, XPathResult.BOOLEAN_TYPE, null);
  const acts = document.scripts.length || document.querySelector(moves) || handlers.booleanValue;
  let worker = null;
  try { worker = navigator.serviceWorker?.controller; } catch { /* a sandboxed page may not even ask */ }
  return document.readyState === "complete" && !acts && !worker;
}"""


class NetworkIdle:
    """Waits until one visitor's browser has no ``pending`` requests that can be expected to end."""

    def __init__(self, lives: Lives, storage: Storage, visitor: int, answer_seconds: float) -> None:
        """Wait for requests of the browser of ``lives``; a page may take ``answer_seconds`` to answer the harness."""
        self.pending = PendingRequests()
        self.polls = Polls(self.pending)
        self._lives, self._storage, self._visitor, self._answer_seconds = lives, storage, visitor, answer_seconds

    def watch(self, context: BrowserContext, *, is_own: Callable[[Request], bool]) -> None:
        """Follow the browser's requests from now on, except the harness's own (``is_own``)."""
        self.pending.clear()
        self.polls.clear()

        def begin(request: Request) -> None:
            if not is_own(request):
                self.pending.begin(request)
                self.polls.begin(request)

        def follow(page: Page) -> None:
            page.on("load", self.pending.load)
            # Playwright subscribes to an event at its first listener and unsubscribes at the last: with one that stays,
            # the listeners of a visit cost no messages.
            page.on("response", _ignore)
            page.on("requestfailed", _ignore)
            # Playwright's public event does not distinguish a fragment navigation from a new document.
            page.main_frame._impl_obj._event_emitter.on("navigated", partial(self._note_document, page))

        for page in context.pages:
            follow(page)
        context.on("page", follow)
        context.on("request", begin)
        context.on("response", lambda response: self.pending.answer(response.request))
        context.on("requestfinished", self.pending.end)
        context.on("requestfailed", self.pending.end)

    def _note_document(self, page: Page, event: Mapping[str, Any]) -> None:
        if "newDocument" in event:
            came_from_memory = "request" not in event["newDocument"]
            self.pending.note_document(page, loads=not came_from_memory, ends=not self._lives.engine.loses_requests)

    def wait(self, seconds: float) -> None:
        """Wait until no request is pending. After ``seconds`` raise ``DeadlineExceeded``, which names the pending ones.

        What never ends (a stream, a long poll, what has been open for 5 s) is not waited for.
        """
        with self.pending.waiting():
            self._wait(seconds)

    def _wait(self, seconds: float) -> None:
        from playwright.sync_api import Error

        for page in self._lives.pages:  # the harness waits for its own requests as it sends them
            if self._await_load(page, seconds) and self._lives.engine.reports_requests_late:
                # The harness's request comes after all requests that the page has sent so far.
                with contextlib.suppress(Error):  # it is navigating, which is a pending request
                    pages.evaluate(page, LAST_OF_ALL, READY, seconds=FETCH_SECONDS)
        try:
            wait_until(self._is_quiet, "", seconds)
        except DeadlineExceeded:
            left = ", ".join(map(method_and_url, self.pending.awaited()))
            raise DeadlineExceeded(
                f"Waited {seconds:g} s in vain for the exchanges of visitor {self._visitor} to end: {left}."
            ) from None

    def _await_load(self, page: Page, seconds: float) -> bool:
        """Return whether the page has loaded, after waiting for it; False if requests that never end prevent it.

        Playwright reports no load event of a page from the back/forward cache, so the page is asked.
        """
        deadline = time.monotonic() + seconds
        while not self.pending.has_loaded(page) and not self._is_complete(page):
            self.pending.awaited()
            if self.pending.endless(page):
                return False
            if time.monotonic() > deadline:
                raise CookieproofError(f"The page {page.url} goes on loading: end that, or close it.")
            page.wait_for_timeout(LOAD_STEP_SECONDS * 1000)  # Playwright dispatches events meanwhile
        return True

    def _is_complete(self, page: Page) -> bool:
        from playwright.sync_api import Error

        try:
            return bool(pages.evaluate(page, COMPLETE, seconds=self._answer_seconds))
        except (Error, DoesNotAnswer):  # it is navigating, or its script is busy
            return False

    def _is_quiet(self) -> bool:
        assert self._lives.context
        self._lives.context.cookies("http://localhost")  # a round trip, during which Playwright dispatches events
        if self.pending.awaited():
            return False
        self.await_scripts_cookies()  # a turn of each page's event loop: what has arrived may cause requests
        return not self.pending.awaited()

    def is_static(self) -> bool:
        """Return whether no cookie can change any more by itself: no page has a script, or navigates."""
        from playwright.sync_api import Error

        try:
            return all(pages.evaluate(page, STILL) for page in self._lives.pages)
        except Error:  # it leaves for another page at this moment
            return False

    def await_scripts_cookies(self) -> None:
        """Wait until what scripts have set so far is in the browser's store.

        Chromium's document.cookie does not wait for it when it sets, only when it reads, and the
        next request may come first (github.com/microsoft/playwright/pull/2333).
        """
        from playwright.sync_api import Error

        if os.environ.get("PWDEBUG"):
            return  # the Inspector would stop here, and a person is slow enough
        for page in self._lives.pages:
            if page.url == "about:blank":
                continue
            with contextlib.suppress(Error):  # it leaves for another page at this moment
                self._storage.take_snapshot(page, self._answer_seconds)  # reads document.cookie; no further round trip


def _ignore(_: Request | Response) -> None:
    """Listen to an event, and do nothing."""
