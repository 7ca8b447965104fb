"""Finds the origins of a frame and of its ancestors, which decide which cookies a browser sends for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cookieproof.browser import pages
from cookieproof.cookies.cookie_event import site_of as registrable_domain
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.errors import CookieproofError

if TYPE_CHECKING:
    from playwright.sync_api import Frame

__tracebackhide__ = True  # a failure points at the line of the test


def site_of(origin: str) -> str:
    """Return scheme and registrable domain of an origin (RFC 6265bis, 5.2), as ``registrable_domain`` has it."""
    url = urlsplit(origin)
    return f"{url.scheme}://{registrable_domain(url.hostname or '')}"


def is_in_partition(cookie: StoredCookie, origins: Sequence[str]) -> bool:
    """Return whether a cookie can be sent by a frame, by its partition; ``origins`` are as of ``origins_of``.

    A partitioned cookie must have the outermost site as its partition; for any other, all origins must be of one site.
    """
    if cookie.partition:
        return cookie.partition == site_of(origins[0])
    return len({site_of(origin) for origin in origins}) == 1


def origins_of(frame: Frame, has_host: Callable[[str], bool] = lambda host: True) -> list[str]:
    """Return the origins of a frame of a visitor's page and of its ancestors, the outermost first.

    Raises ``CookieproofError`` for an origin that the harness cannot use: ``has_host`` says which hosts it can.
    """
    from playwright.sync_api import Error

    named = frame.url.partition("?")[0]
    try:
        origins = [pages.evaluate(each, "self.origin") for each in reversed([*_outwards(frame)])]
    except Error:
        raise CookieproofError(
            f"The frame {named} is no longer in its page: find it again, by page.frames or page.frame(…)."
        ) from None
    for origin in origins:
        host = urlsplit(origin).hostname or ""
        if not origin.startswith("http") or not has_host(host):
            raise CookieproofError(
                f"What the frame {named} sends cannot be asked: it, or a page around it, has the origin {origin}, "
                "and the harness stands in only for the site's hosts (localhost, *.localhost, *.test, and those of "
                "hosts= in web_server), not for sandboxed frames."
            )
    return origins


def _outwards(frame: Frame) -> Iterable[Frame]:
    around: Frame | None = frame
    while around:
        yield around
        around = around.parent_frame
