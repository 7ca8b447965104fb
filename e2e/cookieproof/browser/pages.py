"""Visits URLs with a page and runs scripts in pages, each with a deadline and with errors that are sentences."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from cookieproof.cookies import dates
from cookieproof.errors import CookieproofError
from cookieproof.words import quoted

if TYPE_CHECKING:
    from datetime import datetime

    from playwright.sync_api import Download, Frame, Locator, Page, Request, Response

    from cookieproof.browser.engine import Engine

__tracebackhide__ = True  # a failure points at the line of the test

ANSWER_SECONDS = 5.0
DOWNLOAD_SECONDS = 2.0
ERROR_PAGE_SECONDS = 1.0
BROKEN_SECONDS = 1.0
# With these the browser stays on its page (RFC 9110, 15.3.5 and 15.3.6).
NO_PAGE = (204, 205)

# HTML that may send requests: scripts, embedded content, a refresh. A character reference may hide the letters of
# an attribute's value, never those of a tag or an attribute's name.
ACTIVE = re.compile(
    rb"<\s*(script|i?frame|object|embed|video|audio|svg|math|link|style|base)|http-equiv|\bon\w+\s*=", re.I
)

# Waits until each service worker that the page has registered is active, or 2 s are over.
WORKERS = """async () => {
  const late = new Promise(done => setTimeout(done, 2000));
  const settled = worker => new Promise(done => {
    const see = () => ["activated", "redundant"].includes(worker.state) && done();
    worker.addEventListener("statechange", see);
    see();
  });
  try {
    const all = await navigator.serviceWorker.getRegistrations();
    const installing = all.map(each => each.installing || each.waiting).filter(Boolean);
    await Promise.race([late, Promise.all(installing.map(settled))]);
  } catch { /* nobody may register one here */ }
}"""


class VisitFailed(CookieproofError):
    """Raised if the browser could not load a URL; ``reason`` is the browser's, "net::ERR_CONNECTION_REFUSED"."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"The visit to {url} failed: {reason}.")
        self.reason = reason


class DoesNotAnswer(CookieproofError):
    """Raised if a script or a dialog blocks a page for longer than the deadline; ``what`` says so, as a clause."""

    def __init__(self, url: str, seconds: float) -> None:
        why = f"for {seconds:g} s its script has kept it busy, or a dialog has"
        self.what = f"the page {url} does not answer: {why}"
        super().__init__(
            f"The page {url} does not answer: {why}. Mend the script or close the dialog; a test that means it leaves "
            "the page before (visitor.page.close())."
        )


def evaluate(page: Page | Frame, script: str, argument: Any = None, *, seconds: float = ANSWER_SECONDS) -> Any:
    """Return the result of a script in a page or frame; ``argument`` and result are plain data.

    Raises ``DoesNotAnswer`` if there is no result after ``seconds``. Playwright's own ``evaluate`` has no deadline,
    and a page whose script never ends never answers.
    """

    async def ask() -> Any:
        async with asyncio.timeout(seconds):
            return await page._impl_obj.evaluate(script, argument)

    try:
        return page._sync(ask())
    except TimeoutError:
        raise DoesNotAnswer(page.url, seconds) from None


def time_in(page: Page, engine: Engine) -> datetime:
    """Return the time of the page's browser, read in a new tab: the page may be busy, or have replaced Date."""
    tab = engine.background_tab(page, "about:blank")
    try:
        return dates.later(dates.EPOCH, evaluate(tab, "Date.now()") / 1000)
    finally:
        tab.close()


def http_or_https(url: str) -> re.Pattern[str]:
    """Return a pattern that matches this URL, and the same URL over https.

    A browser that obeys Strict-Transport-Security changes the scheme, and keeps the port (RFC 6797, 8.3).
    """
    return re.compile(re.escape(url).replace("http:", "https?:", 1))


def shows(page: Page, what: str | Callable[[Page], Locator], *, seconds: float) -> bool:
    """Return whether the page shows ``what``: a text, or an element that the Locator ``what(page)`` finds.

    The element must be visible, and is waited for ``seconds`` at most. Raises ``CookieproofError`` if ``what`` returns
    no Locator.
    """
    from playwright.sync_api import TimeoutError

    evaluate(page, "new Promise(done => setTimeout(done, 0))")  # lets the page draw what has just arrived
    locator = page.get_by_text(what) if isinstance(what, str) else what(page)
    if not hasattr(locator, "filter"):
        raise CookieproofError(
            f"shows={getattr(what, '__name__', 'a function')} returned {quoted(locator)}, which is no Locator: return "
            "the Locator itself, without asking it whether it is visible."
        )
    found = locator.filter(visible=True)
    if found.count() or not seconds:
        return found.count() > 0
    try:
        found.first.wait_for(state="visible", timeout=seconds * 1000)
    except TimeoutError:
        return False
    return True


def await_service_workers(page: Page) -> None:
    """Wait until the service workers that the page registers are active, so that they answer its next requests."""
    evaluate(page, WORKERS)


def is_inert(response: Response | None) -> bool:
    """Return whether the page of this response sends no requests once it has loaded: it has no scripts or frames."""
    from playwright.sync_api import Error

    if response is None or not response.headers.get("content-type", "").startswith("text/html"):
        return False
    if {"refresh", "link"} & response.headers.keys():  # they redirect the page, or load more
        return False
    try:
        return not ACTIVE.search(response.body())
    except Error:  # it has been replaced by another
        return False


def _await(page: Page, event: Literal["download", "framenavigated"], seconds: float) -> bool:
    """Return whether the event comes within ``seconds``: Chromium reports it shortly after a visit has failed."""
    from playwright.sync_api import Error

    try:
        page.wait_for_event(event, timeout=seconds * 1000)
    except Error:
        return False
    return True


def visit(page: Page, url: str) -> Response | None:
    """Visit a URL, wait for the page to load, and return its last response; None if only the fragment changes.

    A download or a 204, which leave the page as it was, is no failure. Raises ``VisitFailed`` if the visit fails.
    """
    from playwright.sync_api import Error

    responses: list[Response] = []
    downloads: list[Download] = []
    arrivals: list[Frame] = []

    def hear(response: Response) -> None:
        if response.request.is_navigation_request() and response.frame == page.main_frame:
            responses.append(response)

    def note_download(download: Download) -> None:
        downloads.append(download)

    def note_arrival(frame: Frame) -> None:
        arrivals.append(frame)

    broken = asyncio.Event()

    def note_break(request: Request) -> None:
        if request.is_navigation_request() and request.frame == page.main_frame:
            broken.set()

    async def goto() -> Any:
        here, _, part = url.partition("#")
        if not part or here != page.url.partition("#")[0]:
            return await page._impl_obj.goto(url)
        # For a page from the back/forward cache, Playwright would wait for a load event that is never reported.
        response = await page._impl_obj.goto(url, waitUntil="commit")
        if response:
            await page._impl_obj.wait_for_load_state()
        return response

    async def go() -> Any:
        going = asyncio.ensure_future(goto())
        breaking = asyncio.ensure_future(broken.wait())
        await asyncio.wait({going, breaking}, return_when=asyncio.FIRST_COMPLETED)
        breaking.cancel()
        # Chromium reports no load event for a page whose response breaks off half-way.
        done, _ = await asyncio.wait({going}, timeout=BROKEN_SECONDS)
        if not done and broken.is_set():
            going.cancel()
            raise VisitFailed(url, "its answer broke off half-way")
        return await going

    page.on("framenavigated", note_arrival)
    page.on("response", hear)
    page.on("download", note_download)
    page.on("requestfailed", note_break)
    try:
        came = page._sync(go())
        return next((response for response in responses if response._impl_obj == came), None)
    except Error as error:
        if responses and (responses[-1].status in NO_PAGE or downloads or _await(page, "download", DOWNLOAD_SECONDS)):
            return responses[-1]
        if page.main_frame not in arrivals:
            _await(page, "framenavigated", ERROR_PAGE_SECONDS)  # an error page would interrupt the next visit
        if page.is_closed():
            raise CookieproofError(f"The page was closed while it visited {url}.") from None
        said = error.message.strip().partition("\n")[0].removeprefix("Page.goto: ").partition(" at ")[0].rstrip(".")
        raise VisitFailed(url, said) from None
    finally:
        page.remove_listener("framenavigated", note_arrival)
        page.remove_listener("response", hear)
        page.remove_listener("download", note_download)
        page.remove_listener("requestfailed", note_break)
