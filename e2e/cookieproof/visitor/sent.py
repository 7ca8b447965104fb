"""Asks a visitor's browser, by the probe, which cookies it sends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cookieproof.cookies.exchange import cookie_pairs
from cookieproof.errors import CookieproofError
from cookieproof.site.site import Site
from cookieproof.visitor.frames import origins_of
from cookieproof.visitor.network_idle import NetworkIdle
from cookieproof.visitor.probe import Probe
from cookieproof.visitor.site_errors import SiteErrors

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page


class SentCookies:
    """Asks one visitor's browser which cookies it sends, after waiting for what scripts have set."""

    def __init__(self, visitor: int, site: Site, probe: Probe, network_idle: NetworkIdle) -> None:
        self._visitor, self._site, self._probe, self._network_idle = visitor, site, probe, network_idle

    def to(self, page: Page, origin: str, path: str, frame: Frame | None) -> list[tuple[str, str]]:
        """Return name and value of each cookie that is sent to a path of this origin, or of the frame's origin."""
        if frame:
            *around, origin = origins_of(frame, self._site.has_host)
            return self.ask(page, [origin + absolute(path)], origin, around)[0]
        return self.ask(page, [origin + absolute(path)], origin)[0]

    def ask(
        self, page: Page, urls: Sequence[str], origin: str, around: Sequence[str] = ()
    ) -> list[list[tuple[str, str]]]:
        """Return, for each of these URLs of one site, the cookies that the browser sends if a page of ``origin`` asks.

        With ``around`` a frame asks, and ``around`` are the origins of its ancestors, the outermost first.
        """
        self._network_idle.await_scripts_cookies()
        with SiteErrors(self._site):
            headers = self._probe.ask(page, urls, origin, around)
        found = [cookie_pairs(header) for header in headers]
        for url, pairs in zip(urls, found, strict=True):
            names, asked = tuple(sorted({name for name, _ in pairs})), urlsplit(url)
            self._site.note("asked", asked.path, self._visitor, host=asked.hostname or "", cookies=names)
        return found


def absolute(path: str) -> str:
    """Return the path as it is. Raises ``CookieproofError`` unless it begins with a slash."""
    if not path.startswith("/"):
        raise CookieproofError(f'A path of the site starts with "/": "/{path}" instead of "{path}".')
    return path
