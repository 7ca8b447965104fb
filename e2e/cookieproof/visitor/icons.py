"""Waits for the icons that pages name: a browser asks for them a moment after a page has loaded."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from cookieproof.browser import pages
from cookieproof.browser.pages import DoesNotAnswer
from cookieproof.clock.clock import Clock
from cookieproof.cookies.exchange import Exchange
from cookieproof.errors import DeadlineExceeded, wait_until
from cookieproof.site.own_pages import FAVICON
from cookieproof.site.site import Site
from cookieproof.visitor.lives import Lives

if TYPE_CHECKING:
    from playwright.sync_api import Page

__tracebackhide__ = True  # a failure points at the line of the test

# Browsers were seen to ask 5 to 30 ms after the load event, 65 ms on a busy machine.
ASKED_SECONDS = 1.0
# Chromium asks again for an icon after so long (components/favicon/core/favicon_handler.cc).
KEPT = timedelta(days=7)
NAMED = "[...document.querySelectorAll('link[rel~=icon i]')].map(link => link.href)"


class Icons:
    """Waits for icons of one visitor's open pages that the browser is about to ask the site for.

    Playwright reports no icon before the browser asks for it, and ``/static/favicon.ico`` never.
    """

    def __init__(
        self,
        lives: Lives,
        site: Site,
        clock: Clock,
        exchanges: Callable[[], Sequence[Exchange]],
        loaded_at: Callable[[Page], float | None],
    ) -> None:
        """Keep what tells about requests and pages of one visitor.

        ``exchanges()`` returns the visitor's exchanges, ``loaded_at(page)`` when a page has loaded
        (``time.monotonic``), or None.
        """
        self._lives, self._site, self._clock = lives, site, clock
        self._exchanges, self._loaded_at = exchanges, loaded_at
        self._never = set[tuple[int, str]]()  # life and URL of each icon that the browser did not ask for

    def wait(self) -> None:
        """Wait until the browser has asked for each missing icon, and each is answered.

        Only pages that have loaded within the last second are considered, and only icons that the browser has not
        asked for within 7 days: so a site without icons, or with known ones, costs nothing.
        """
        if not self._lives.engine.has_window:  # without a window the browser asks for no icon
            return
        for page in self._lives.pages:
            loaded_at = self._loaded_at(page)
            if loaded_at is not None and (left := loaded_at + ASKED_SECONDS - time.monotonic()) > 0:
                self._wait(page, left)

    def _wait(self, page: Page, seconds: float) -> None:
        named = self._named(page)
        if not named or self._is_known(named):
            return
        try:
            wait_until(lambda: self._becomes_known(named), "", seconds)
        except DeadlineExceeded:  # still not answered, or a policy of the page forbids it
            self._never |= {(self._lives.number, url) for url in named}
        self._site.await_exchanges()

    def _named(self, page: Page) -> list[str]:
        """Return the URLs of the page's icons that the site answers for."""
        from playwright.sync_api import Error

        with contextlib.suppress(Error, DoesNotAnswer):  # it leaves for another page at this moment, or is busy
            urls = [url.partition("#")[0] for url in pages.evaluate(page, NAMED)]
            return [url for url in urls if self._site.origin_of(url) and urlsplit(url).path != FAVICON]
        return []

    def _becomes_known(self, named: Sequence[str]) -> bool:
        assert self._lives.context
        self._lives.context.cookies("http://localhost")  # a round trip, in which the test's routes are called
        return self._is_known(named)

    def _is_known(self, named: Sequence[str]) -> bool:
        """Return whether the browser has one of these icons, or knows that it is missing: then it asks for none."""
        life, since = self._lives.number, self._clock.now() - KEPT
        if any((life, url) in self._never for url in named):
            return True
        wanted = {(parts.scheme, parts.hostname, _target(parts)) for parts in map(urlsplit, named)}
        return any(
            each.time > since
            and (each.status < 400 or each.life == life)
            and (each.scheme, each.host, each.target) in wanted
            for each in self._exchanges()
        )


def _target(parts: SplitResult) -> str:
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
