"""A page's own icon, for which a browser asks once the page has loaded, and of which Playwright tells nothing."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cookieproof.browser import pages
from cookieproof.errors import WaitedInVain, wait_until
from cookieproof.site.own_pages import FAVICON
from cookieproof.site.site import Site
from cookieproof.visitor.lives import Lives

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Chromium asks about 20 ms after the page has loaded; one that it has cached it does not ask for.
ASKED_SECONDS = 1.0
NAMED = "() => [...document.querySelectorAll('link[rel~=icon i]')].map(link => link.href)"


class Icons:
    """Waits until one visitor's browser has got the icons that its pages name, each once in a life."""

    def __init__(self, visitor: int, lives: Lives, site: Site) -> None:
        self._visitor, self._lives, self._site = visitor, lives, site
        self._awaited: set[tuple[int, str]] = set()  # the life, and the URL

    def wait(self) -> None:
        """Wait until what has not been awaited before is asked for, if it is, and answered."""
        if not self._lives.engine.asks_for_icons:
            return
        named = {(self._lives.number, url) for page in self._lives.pages for url in self._named_by(page)}
        for life, url in named - self._awaited:
            with contextlib.suppress(WaitedInVain):
                wait_until(partial(self._is_asked, life, url), f"the icon {url}", ASKED_SECONDS)
        if named - self._awaited:
            self._awaited |= named
            self._site.await_exchanges()

    def _named_by(self, page: Page) -> list[str]:
        from playwright.sync_api import Error

        if page.url == "about:blank":
            return []
        try:
            urls: list[str] = pages.evaluate(page, NAMED)
        except Error:  # it goes elsewhere at this moment
            return []
        return [url for url in urls if urlsplit(url).path != FAVICON and self._site.origin_of(url)]

    def _is_asked(self, life: int, url: str) -> bool:
        asked = urlsplit(url)
        target = asked._replace(scheme="", netloc="", fragment="").geturl()
        return any(
            (each.visitor, each.life, each.host, each.target) == (self._visitor, life, asked.hostname, target)
            for each in (*self._site.unanswered, *self._site.wire)
        )
