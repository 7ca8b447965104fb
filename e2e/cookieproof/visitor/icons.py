"""The icons that pages name, for which a browser asks a moment after a page has loaded."""

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

# Seen: 5 to 30 ms after the load, 65 ms on a busy machine.
ASKED_SECONDS = 1.0
# Chromium asks anew for an icon that it has had for so long (components/favicon/core/favicon_handler.cc).
KEPT = timedelta(days=7)
NAMED = "[...document.querySelectorAll('link[rel~=icon i]')].map(link => link.href)"


class Icons:
    """Waits for the icons that the open pages of one visitor name, and that its browser is about to ask the site for.

    Playwright tells nothing of an icon before the browser asks for it, and of ``/static/favicon.ico`` it never does.
    """

    def __init__(
        self,
        lives: Lives,
        site: Site,
        clock: Clock,
        exchanges: Callable[[], Sequence[Exchange]],
        loaded_at: Callable[[Page], float | None],
    ) -> None:
        """``exchanges`` returns the visitor's, ``loaded_at`` when a page has loaded (``time.monotonic``)."""
        self._lives, self._site, self._clock = lives, site, clock
        self._exchanges, self._loaded_at = exchanges, loaded_at
        self._never = set[tuple[int, str]]()  # lives and URLs: what was not asked for

    def wait(self) -> None:
        """Wait until each icon that is to be asked for has been asked for and answered.

        Only a page that has loaded within the last second is looked at, and only an icon that the browser has not had
        within 7 days is waited for: so this costs nothing for a site without icons, nor for one that is known.
        """
        if not self._lives.engine.has_window:  # nor a place for an icon
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
        except DeadlineExceeded:  # it is being answered still, or a policy of the page forbids it
            self._never |= {(self._lives.number, url) for url in named}
        self._site.await_exchanges()

    def _named(self, page: Page) -> list[str]:
        """The URLs of the page's icons that the site answers for."""
        from playwright.sync_api import Error

        with contextlib.suppress(Error, DoesNotAnswer):  # it leaves for another page at this moment, or is busy
            urls = [url.partition("#")[0] for url in pages.evaluate(page, NAMED)]
            return [url for url in urls if self._site.origin_of(url) and urlsplit(url).path != FAVICON]
        return []

    def _becomes_known(self, named: Sequence[str]) -> bool:
        assert self._lives.context
        self._lives.context.cookies("http://localhost")  # a round trip, in which a route of the test's own is called
        return self._is_known(named)

    def _is_known(self, named: Sequence[str]) -> bool:
        """Whether the browser has one of them, or has found out that it is not to be had: then it asks for none."""
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
