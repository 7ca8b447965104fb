"""Asks a browser which cookies it would send, from pages of the harness's own next to the visitor's."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cookieproof.browser import pages
from cookieproof.browser.launcher import Launcher
from cookieproof.errors import wait_until
from cookieproof.site.own_pages import BLANK, OWN_PATHS, PROBE
from cookieproof.site.site import Site
from cookieproof.visitor.pending_requests import page_of

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page, Request

__tracebackhide__ = True  # a failure points at the line of the test

FETCH_SECONDS = 20.0  # longer than the fetch below waits itself
FRAME_SECONDS = 5.0
# noopener: neither the site's page nor the inspector can reach the other.
OPEN_INSPECTOR = "url => void window.open(url, '_blank', 'noopener,popup,left=1300,top=0,width=560,height=760')"
ASK = """([urls, type]) => Promise.all(urls.map(async url => {
  const signal = AbortSignal.timeout(15000);
  const answer = await fetch(url, {headers: {Accept: type}, credentials: "include", cache: "no-store", signal});
  if (answer.ok && answer.headers.get("content-type") === type) return answer.json();
  const why = "something else answered for it: a route or a header of the test's own, say";
  throw new Error(`the harness's own page was answered with ${answer.status}, so ${why}`);
}))"""
# The tab is used from its commit on, when its body may not be parsed yet.
NEST = """async url => {
  if (!document.body) await new Promise(done => document.addEventListener("DOMContentLoaded", done));
  return new Promise(done => {
    const frame = Object.assign(document.createElement("iframe"), {src: url, onload: () => done()});
    document.body.append(frame);
  });
}"""


class Probe:
    """The harness's own pages in one visitor's browser: a background tab for each origin that asks.

    In a headed browser, the first is a window next to the site's: the cookie inspector.
    """

    def __init__(self, site: Site, launcher: Launcher) -> None:
        self._site, self._launcher = site, launcher
        self.pages: dict[str, Page] = {}

    def owns(self, request: Request) -> bool:
        """Return whether this request is the harness's own."""
        return OWN_PATHS in request.url or (
            request.resource_type == "fetch" and page_of(request) in self.pages.values()
        )

    def ask(self, page: Page, urls: Sequence[str], origin: str, around: Sequence[str] = ()) -> list[str]:
        """Return the ``Cookie`` header that the browser of ``page`` sends to each URL of one site, if ``origin`` asks.

        The asking page has the scheme of the URL: to a page on http, the https of its own host is another site. With
        ``around`` a frame asks, and ``around`` are the origins of its ancestors, the outermost first.
        """
        headers: dict[str, str] = {}
        for scheme in dict.fromkeys(urlsplit(url).scheme for url in urls):
            those = [url for url in urls if urlsplit(url).scheme == scheme]
            asker = self._frame(page, [*around, re.sub("^https?(?=:)", scheme, origin)])
            there = [self._from(asker, self._site.own_url(url)) for url in those]
            answers = pages.evaluate(asker, ASK, [there, PROBE], seconds=FETCH_SECONDS)
            headers |= dict(zip(those, answers, strict=True))
        return [headers[url] for url in urls]

    def _from(self, asker: Page | Frame, url: str) -> str:
        """Return the URL with https, if the browser redirects the asker's host to https (HSTS); else as it is."""
        led = asker.url.startswith("https:") and urlsplit(asker.url).hostname == urlsplit(url).hostname
        return re.sub("^http:", "https:", url) if led else url

    def own_page(self, page: Page, origin: str) -> Page:
        """Return the harness's own page for this origin in the browser of ``page``."""
        watched = self._launcher.headed
        return self._tab(page, "" if watched else origin, self._site.own_page(origin, watched=watched))

    def explain(self, page: Page, origin: str) -> None:
        """In a headed browser, open the cookie inspector for this origin."""
        if self._launcher.headed:
            self.own_page(page, origin)

    @contextlib.contextmanager
    def tab_of(self, page: Page, origin: str) -> Iterator[Page]:
        """Give the block a background tab on the site's origin, in which nothing of the site runs.

        A service worker may answer the tab's request if the engine cannot bypass service workers.
        """
        key, engine = f"tab of {origin}", self._launcher.engine
        tab = self.pages[key] = engine.background_tab(page, "about:blank")
        try:
            if engine.bypass_service_workers:
                engine.bypass_service_workers(tab)
            tab.goto(f"{origin}{BLANK}")
            yield tab
        finally:
            tab.close()
            del self.pages[key]

    def _tab(self, page: Page, key: str, url: str) -> Page:
        own = self.pages.get(key)
        if own is None or own.is_closed():
            own = self.pages[key] = (
                self._launcher.engine.background_tab(page, url) if key else self._inspector(page, url)
            )
        elif not pages.http_or_https(url).fullmatch(own.url):
            own.goto(url)
        return own

    def _inspector(self, page: Page, url: str) -> Page:
        with page.context.expect_page() as opened:
            pages.evaluate(page, OPEN_INSPECTOR, url, seconds=self._launcher.answer_seconds)
        own = opened.value
        own.wait_for_url(pages.http_or_https(url))
        page.bring_to_front()
        return own

    def _frame(self, page: Page, origins: Sequence[str]) -> Page | Frame:
        """Return the harness's page on this origin; of several origins, the innermost frame of frames nested in order.

        With one origin it is a page, with several a frame.
        """
        if len(origins) == 1:
            return self.own_page(page, origins[0])
        outermost, *others = [self._site.own_page(origin) for origin in origins]
        frame = self._tab(page, " > ".join(origins), outermost).main_frame
        for url in others:
            frame = _child(frame, url) or _nest(frame, url)
        return frame

    def close(self) -> None:
        """Close the tabs, which a browser that restores its session would reopen."""
        for page in self.pages.values():
            page.close()
        self.forget()

    def forget(self) -> None:
        """Forget the tabs: the browser has ended."""
        self.pages.clear()


def _child(frame: Frame, url: str) -> Frame | None:
    return next((child for child in frame.child_frames if pages.http_or_https(url).fullmatch(child.url)), None)


def _nest(frame: Frame, url: str) -> Frame:
    pages.evaluate(frame, NEST, url, seconds=FETCH_SECONDS)

    def nested() -> Frame | None:
        pages.evaluate(frame, "0")  # a round trip, during which Playwright dispatches events
        return _child(frame, url)

    found = wait_until(nested, f"a frame of the harness's own at {url}", FRAME_SECONDS)
    assert found
    return found
