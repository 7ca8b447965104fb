"""A site that somebody else runs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cookieproof.clock.clock import Clock
from cookieproof.cookies import exchange as wire
from cookieproof.errors import CookieproofError
from cookieproof.site.asked import Asked
from cookieproof.site.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Response

    from cookieproof.site.site import MakeSite


class RemoteSite(Site):
    """A site at a URL, out of reach but for visits: its exchanges are told by the visitors' browsers."""

    def __init__(self, url: str, clock: Clock) -> None:
        super().__init__(clock)
        self._exchanges: list[wire.Exchange] = []
        self.base_url, self.host = url.rstrip("/"), urlsplit(url).hostname or ""
        if urlsplit(url).scheme not in ("http", "https") or not self.host:
            raise CookieproofError(f'The base URL "{url}" is none: spell it "https://shop.example".')

    @classmethod
    def asked_for(cls, asked: Asked) -> MakeSite | None:
        """By ``--base-url``, or ``base_url`` of the settings."""
        url = asked.options.get("base_url")
        if not url:
            return None
        if asked.marker:
            raise CookieproofError(f"{url} runs elsewhere: @pytest.mark.site cannot configure it.")
        return lambda sites: cls(url, sites.clock)

    @property
    def url(self) -> str:
        return self.base_url

    @property
    def wire(self) -> list[wire.Exchange]:
        """What visitors' browsers told of their exchanges, until each visitor's own ``wire`` or end; oldest first."""
        return sorted(self._exchanges, key=lambda exchange: exchange.time)

    def write_down(self, visitor: int, life: int, time: datetime, response: Response) -> None:
        """Take in what a browser tells of an exchange: ``time`` is the browser's."""
        request = response.request
        url, headers = urlsplit(request.url), request.all_headers()
        if not self.origin_of(request.url):
            return
        set_cookies = [each["value"] for each in response.headers_array() if each["name"].lower() == "set-cookie"]
        exchange = wire.Exchange(
            visitor=visitor,
            life=life,
            time=time,
            method=request.method,
            host=self.host,
            path=url.path or "/",
            status=response.status,
            scheme=url.scheme,
            fetch_site=headers.get("sec-fetch-site"),
            fetch_mode=headers.get("sec-fetch-mode"),
            fetch_dest=headers.get("sec-fetch-dest"),
            cookie=headers.get("cookie"),
            set_cookies=tuple(wire.SetCookie(line) for each in set_cookies for line in each.split("\n")),
            location=response.headers.get("location"),
            clear_site_data=response.headers.get("clear-site-data"),
        )
        self._exchanges.append(exchange)

    def at(self, host: str, *, https: bool | None = None) -> str:
        """Its URL, which has one host and one scheme."""
        if host != self.host:
            raise self._cannot(f"be reached as {host}")
        return self.base_url

    def origin_of(self, url: str) -> str | None:
        return self.base_url if url.partition("?")[0] == self.base_url or url.startswith(self.base_url + "/") else None

    def _cannot(self, what: str) -> CookieproofError:
        return CookieproofError(
            f"{self.base_url} runs elsewhere and cannot {what} from here: let the harness serve the app (--site)."
        )
