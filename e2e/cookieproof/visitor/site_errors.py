"""Replaces an error by its reason, if the site's process has ended."""

from __future__ import annotations

from cookieproof.errors import CookieproofError
from cookieproof.site.site import Site


class SiteErrors:
    """For a block that waits for the site: raises ``CookieproofError`` with how the site's process ended, if it has."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def __enter__(self) -> None:
        if death := self._site.tell_death():
            raise CookieproofError(death)

    def __exit__(self, kind: object, error: BaseException | None, frames: object) -> None:
        from playwright.sync_api import Error

        if isinstance(error, CookieproofError | Error) and (death := self._site.tell_death(awaited=True)):
            raise CookieproofError(death) from None
        if isinstance(error, Error):
            said = error.message.strip().partition("\n")[0]
            raise CookieproofError(f"The browser could not be asked on {self._site.url}: {said}") from None
        if not error and (failure := self._site.tell_failure()):
            raise CookieproofError(failure)
