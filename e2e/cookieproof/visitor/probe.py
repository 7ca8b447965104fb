"""Asking a browser which cookies it would send, from pages of the harness's own that are open next to the visitor's."""

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
# noopener: the site's page and this one know nothing of each other.
OPEN_INSPECTOR = "url => void window.open(url, '_blank', 'noopener,popup,left=1300,top=0,width=560,height=760')"
ASK = """([urls, type]) => Promise.all(urls.map(async url => {
  const signal = AbortSignal.timeout(15000);
  const answer = await fetch(url, {headers: {Accept: type}, credentials: "include", cache: "no-store", signal});
  if (answer.ok && answer.headers.get("content-type") === type) return answer.json();
  const why = "something else answered for it: a route or a header of the test's own, say";
  throw new Error(`the harness's own page was answered with ${answer.status}, so ${why}`);
}))"""
# A tab is there from its commit on, so its body may still be to come.
NEST = """async url => {
  if (!document.body) await new Promise(done => document.addEventListener("DOMContentLoaded", done));
  return new Promise(done => {
    const frame = Object.assign(document.createElement("iframe"), {src: url, onload: () => done()});
    document.body.append(frame);
  });
}"""


class Probe:
    """The harness's own pages in one visitor's browser: a tab in the background for each origin that asks.

    Where a person watches, the first is one window next to the site, which explains the cookies.
    """

    def __init__(self, site: Site, launcher: Launcher) -> None:
        self._site, self._launcher = site, launcher
        self.pages: dict[str, Page] = {}

    def owns(self, request: Request) -> bool:
        """Whether this request is the harness's own."""
        return OWN_PATHS in request.url or (
            request.resource_type == "fetch" and page_of(request) in self.pages.values()
        )

    def ask(self, page: Page, urls: Sequence[str], origin: str, around: Sequence[str] = ()) -> list[str]:
        """The ``Cookie`` header that the browser of ``page`` sends to each URL, when a page asks that is of one site.

        It stands on ``origin``, or where the URL has another scheme on that of the same host (to a page
        on http its own https is another site). With ``around`` it is a frame, and those are the origins
        of what is around it, the outermost first.
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
        """The URL as this page may ask for it: over https if the browser was told so of its host, and led it there."""
        led = asker.url.startswith("https:") and urlsplit(asker.url).hostname == urlsplit(url).hostname
        return re.sub("^http:", "https:", url) if led else url

    def own_page(self, page: Page, origin: str) -> Page:
        """The harness's own page on this origin, in the browser of ``page``."""
        watched = self._launcher.headed
        return self._tab(page, "" if watched else origin, self._site.own_page(origin, watched=watched))

    def explain(self, page: Page, origin: str) -> None:
        """Where a person watches a site that is served here, open the window that explains its cookies."""
        if self._launcher.headed:
            self.own_page(page, origin)

    @contextlib.contextmanager
    def tab_of(self, page: Page, origin: str) -> Iterator[Page]:
        """For this block a tab behind on the site's own origin, in which nothing of the site runs.

        A service worker may answer for it where the engine does not let a tab do without.
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
        elif not pages.or_https(url).fullmatch(own.url):
            own.goto(url)
        return own

    def _inspector(self, page: Page, url: str) -> Page:
        with page.context.expect_page() as opened:
            pages.evaluate(page, OPEN_INSPECTOR, url, seconds=self._launcher.answer_seconds)
        own = opened.value
        own.wait_for_url(pages.or_https(url))
        page.bring_to_front()
        return own

    def _frame(self, page: Page, origins: Sequence[str]) -> Page | Frame:
        """The harness's own page on the first of these origins, or the innermost of the frames nested in it."""
        if len(origins) == 1:
            return self.own_page(page, origins[0])
        outermost, *others = [self._site.own_page(origin) for origin in origins]
        frame = self._tab(page, " > ".join(origins), outermost).main_frame
        for url in others:
            frame = _child(frame, url) or _nest(frame, url)
        return frame

    def close(self) -> None:
        """Close the tabs, which a browser that restores its session would else open again."""
        for page in self.pages.values():
            page.close()
        self.forget()

    def forget(self) -> None:
        """Forget the tabs, which end with the browser."""
        self.pages.clear()


def _child(frame: Frame, url: str) -> Frame | None:
    return next((child for child in frame.child_frames if pages.or_https(url).fullmatch(child.url)), None)


def _nest(frame: Frame, url: str) -> Frame:
    pages.evaluate(frame, NEST, url, seconds=FETCH_SECONDS)

    def nested() -> Frame | None:
        pages.evaluate(frame, "0")  # a round trip, by which Playwright hands over what has happened
        return _child(frame, url)

    found = wait_until(nested, f"a frame of the harness's own at {url}", FRAME_SECONDS)
    assert found
    return found
