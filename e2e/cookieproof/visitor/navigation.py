"""Visits pages, and keeps the host and the scheme under which a visitor visits the site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from cookieproof.browser import pages
from cookieproof.errors import CookieproofError
from cookieproof.site.site import Site
from cookieproof.visitor.probe import Probe
from cookieproof.visitor.sent import absolute
from cookieproof.visitor.session_history import CameFrom, SessionHistory
from cookieproof.visitor.site_errors import SiteErrors
from cookieproof.words import shown

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

__tracebackhide__ = True  # a failure points at the line of the test


class Navigation:
    """Visits pages for one visitor. ``origin`` is the site's URL under the host and scheme visited at present."""

    def __init__(self, visitor: int, site: Site, probe: Probe, history: SessionHistory) -> None:
        self.origin = site.at(site.host)
        self._visitor, self._site, self._probe, self._history = visitor, site, probe, history

    @property
    def host(self) -> str:
        return urlsplit(self.origin).hostname or ""

    def move_to(self, host: str, *, https: bool | None = None) -> None:
        """Visit paths under this host from now on; ``https`` None means as configured."""
        self.origin = self._site.at(host, https=https)

    def url_of(self, path_or_url: str) -> str:
        """Return the URL of a path of the site; a URL is returned as it is."""
        try:
            scheme = urlsplit(path_or_url).scheme
        except ValueError as error:
            raise CookieproofError(f'"{path_or_url}" is no URL ({error}): give a path of the site, or a URL.') from None
        return path_or_url if scheme else self.origin + absolute(path_or_url)

    def visit(self, page: Page, url: str) -> Response | None:
        """Visit a URL with this page; in a headed browser, open the cookie inspector, too."""
        if origin := self._site.origin_of(url):
            self._site.check_host(urlsplit(origin).hostname or "")
            self.origin = origin
        with SiteErrors(self._site):
            response = pages.visit(page, url)
            self.stay_on_https(page)
            self._probe.explain(page, self.origin)
        return response

    def go(self, page: Page, step: Literal[-1, 1]) -> CameFrom:
        """Go one page back (-1) or forward (1) with this page, and visit under that page's host from then on.

        Raises ``CookieproofError`` if the history has no such page.
        """
        with SiteErrors(self._site):
            came = self._history.go(page, step)
        if came is None:
            word = "back" if step < 0 else "forward"
            url = pages.evaluate(page, "location.href")  # Playwright may have an old URL of a page from bfcache
            raise CookieproofError(f"There is nothing to go {word} to from {shown(url)}: visit another page before.")
        self.origin = self._site.origin_of(came.url) or self.origin
        path = urlsplit(came.url).path
        self._site.note("went back" if step < 0 else "went forward", f"to {path}, from {came}", self._visitor)
        return came

    def stay_on_https(self, page: Page) -> None:
        """Visit over https from now on if the site has redirected the page to https, under the same host."""
        origin = self._site.origin_of(page.url) or ""
        if origin.startswith("https:") and urlsplit(origin).hostname == self.host:
            self.origin = origin
