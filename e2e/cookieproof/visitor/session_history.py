"""Goes back and forward in a page's session history, as a person does."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from cookieproof.browser import pages
from cookieproof.errors import CookieproofError, DeadlineExceeded
from cookieproof.visitor.pending_requests import is_document_request
from cookieproof.words import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playwright.sync_api import BrowserContext, Page, Request

    from cookieproof.browser.engine import Engine
    from cookieproof.cookies.exchange import Exchange
    from cookieproof.visitor.network_idle import NetworkIdle

__tracebackhide__ = True  # a failure points at the line of the test

# LEAVE_SECONDS: a document that is unloading, but sends no request for another, stays after all (a download).
DEADLINE_SECONDS, STEP_SECONDS, LEAVE_SECONDS = 30.0, 0.01, 2.0
DIRECTIONS = {-1: "back", 1: "forward"}
COME_BETWEEN = ("ERR_ABORTED", "NS_BINDING_ABORTED", "interrupted by another navigation")
# Errors for a page that answered a form and was not stored: a person is asked whether to resend the form.
NOT_KEPT = ("ERR_CACHE_MISS", "NS_ERROR_DOCUMENT_NOT_CACHED")
ERROR_PAGE = "chrome-error:"
# Records in each document how it was shown (HTML, "page transition events"), and whether it is being unloaded.
LISTENER = """(() => {
  const key = Symbol.for("cookieproof.shown");
  if (window[key] || window !== top) return;
  const noted = {id: Math.random(), times: document.readyState === "complete" ? 1 : 0, fromMemory: false, left: false};
  Object.defineProperty(window, key, {value: noted});
  addEventListener("pageshow", event => {
    Object.assign(noted, {times: noted.times + 1, fromMemory: event.persisted, left: false});
  }, true);
  addEventListener("pagehide", () => { noted.left = true; }, true);
  window.navigation?.addEventListener("navigate", event => {
    if (!event.destination.sameDocument && event.downloadRequest === null) noted.left = true;
  });
})()"""
SHOWN = """() => {
  const {id, times, fromMemory, left} = window[Symbol.for("cookieproof.shown")] || {};
  const entry = window.navigation?.currentEntry?.key || null;
  return {document: id ?? performance.timeOrigin, times: times || 0, from_memory: !!fromMemory, left: !!left,
          is_there: document.readyState === "complete", entry, url: location.href};
}"""


class CameFrom(str):
    """Where the page came from after Back or Forward: "memory", "disk" or "site".

    ``url`` is the URL of the page, and ``text`` the text that it shows once the network is idle.
    """

    url: str
    text: str

    def __new__(cls, where: Literal["memory", "disk", "site"], url: str, text: str) -> CameFrom:
        self = super().__new__(cls, where)
        self.url, self.text = url, text
        return self


@dataclass(frozen=True)
class Shown:
    """What a page shows: which document, how many times it was shown, and the entry of the history.

    ``left`` is whether the document is being unloaded, ``is_there`` whether it has loaded.
    """

    document: float
    times: int
    from_memory: bool
    left: bool
    is_there: bool
    entry: str | None
    url: str

    def is_at(self, other: Shown) -> bool:
        """Return whether both show the same document at the same entry."""
        mine, others = ((each.document, each.times, each.entry, each.url) for each in (self, other))
        return mine == others


class SessionHistory:
    """Goes through the session history of pages of one browser."""

    def __init__(self, engine: Engine, wire: Callable[[], Sequence[Exchange]], network_idle: NetworkIdle) -> None:
        self._engine, self._wire, self._network_idle = engine, wire, network_idle

    def watch(self, context: BrowserContext) -> None:
        """Make each document record from now on how it is shown."""
        context.add_init_script(LISTENER)
        for page in context.pages:
            if page.url != "about:blank":  # what the browser has restored
                pages.evaluate(page, LISTENER)

    def go(self, page: Page, step: Literal[-1, 1]) -> CameFrom | None:
        """Go one page back (-1) or forward (1), wait for it, and return where it came from; None at the history's end.

        Raises ``CookieproofError`` if the page does not come.
        """
        before, known = Shown(**pages.evaluate(page, SHOWN)), len(self._wire())
        there = None
        with _Documents(page) as documents:
            if not self._engine.is_at_end_of_history(page, step):
                there = page._sync(_go(page, step, before, documents))
        if there is None:
            return None
        where = self._where(there, before, documents.asked, known)
        self._network_idle.wait(DEADLINE_SECONDS)  # a script may ask the site for what it shows
        return CameFrom(where, there.url, pages.evaluate(page, "document.body?.innerText ?? ''"))

    def _where(
        self, there: Shown, before: Shown, asked: Sequence[str], known: int
    ) -> Literal["memory", "disk", "site"]:
        if there.from_memory or there.document == before.document:
            return "memory"
        wanted = {_key(url) for url in (*asked, there.url)}
        if any((each.scheme, each.host, each.target) in wanted for each in self._wire()[known:]):
            return "site"
        # A sandboxed page records no event; for a page from memory Playwright reports no request.
        return "disk" if asked or there.times else "memory"


class _Documents:
    """For a block, collects the requests for a page's document: all in ``asked``, the unanswered in ``open``."""

    def __init__(self, page: Page) -> None:
        self.asked: list[str] = []
        self.open: set[Request] = set()
        self._page = page
        self._heard = {"request": self._begin, "requestfinished": self._end, "requestfailed": self._end}

    def __enter__(self) -> _Documents:
        for event, hear in self._heard.items():
            self._page.on(event, hear)  # type: ignore[call-overload]
        return self

    def __exit__(self, *error: object) -> None:
        for event, hear in self._heard.items():
            self._page.remove_listener(event, hear)

    def _begin(self, request: Request) -> None:
        if is_document_request(request, self._page):
            self.asked.append(request.url)
            self.open.add(request)

    def _end(self, request: Request) -> None:
        self.open.discard(request)


async def _go(page: Page, step: Literal[-1, 1], before: Shown, documents: _Documents) -> Shown | None:
    """Return what the page shows in the end; None if its history has no such entry."""
    impl: Any = page._impl_obj
    traverse = impl.go_back if step < 0 else impl.go_forward
    # Firefox reports nothing of a page from memory, so this call never returns there.
    going = asyncio.ensure_future(traverse(timeout=2 * DEADLINE_SECONDS * 1000, waitUntil="commit"))
    loop = asyncio.get_running_loop()
    deadline, left_since = loop.time() + DEADLINE_SECONDS, 0.0
    try:
        while loop.time() < deadline:
            await asyncio.wait({going}, timeout=STEP_SECONDS)
            _check(going, before, step)
            now = await _ask(impl)
            if now is None or now.url.startswith(ERROR_PAGE):  # "going" will raise this error in a moment
                continue
            if now.is_at(before):
                if going.done():
                    return None
                continue
            left_since = (left_since or loop.time()) if now.left and not documents.open else 0.0
            is_leaving = now.left and loop.time() - left_since < LEAVE_SECONDS
            if now.is_there and not documents.open and not is_leaving:
                return now
    finally:
        going.cancel()
    raise DeadlineExceeded(
        f"Waited {DEADLINE_SECONDS:g} s in vain for the page to which {shown(before.url)} goes {DIRECTIONS[step]}."
    )


async def _ask(page: Any) -> Shown | None:
    """Return what this page (Playwright's implementation object) shows; None while it navigates."""
    from playwright.sync_api import Error

    try:
        async with asyncio.timeout(pages.ANSWER_SECONDS):
            return Shown(**await page.evaluate(SHOWN))
    except (Error, TimeoutError):
        return None


def _check(going: asyncio.Future[Any], before: Shown, step: Literal[-1, 1]) -> None:
    """Raise ``CookieproofError`` if ``going`` has failed, unless another navigation interrupted it."""
    error = going.exception() if going.done() else None
    if not error:
        return
    said = str(error).partition("\n")[0].partition(": ")[2].rstrip(".")
    if any(each in said for each in COME_BETWEEN):
        return
    went = f"Going {DIRECTIONS[step]} from {shown(before.url)} failed: {said}."
    if any(each in said for each in NOT_KEPT):
        raise CookieproofError(
            f"{went} The page there answered a form and is not kept: people are asked whether to send the form again."
        ) from None
    raise CookieproofError(went) from None


def _key(url: str) -> tuple[str, str, str]:
    """Return scheme, host, and path with query of a URL, by which its exchange is found."""
    asked = urlsplit(url)
    return asked.scheme, asked.hostname or "", (asked.path or "/") + (f"?{asked.query}" if asked.query else "")
