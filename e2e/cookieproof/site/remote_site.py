"""The kind of site that somebody else runs, at a URL."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cookieproof.clock.moves import Offset
from cookieproof.errors import CookieproofError
from cookieproof.site.recorder.hosts import PORTS, Hosts
from cookieproof.site.recorder.upstream import Address
from cookieproof.site.site import Site
from cookieproof.site.site_spec import SiteSpec
from cookieproof.site.sites import Sites

if TYPE_CHECKING:
    from cookieproof.site.site import MakeSite


class RemoteSite(Site):
    """A site at a URL, recorded by each visitor's proxy. It cannot be restarted, and its clock cannot be moved."""

    def __init__(self, url: str, sites: Sites, *, allowed: Sequence[str] = (), verifies: bool = True) -> None:
        """Make the site at ``url``; ``allowed`` are other hosts that browsers may reach.

        ``verifies`` is whether the site's certificate must be trusted.
        """
        asked = urlsplit(url)
        if asked.scheme not in PORTS or not asked.hostname:
            raise CookieproofError(f'The base URL "{url}" is none: spell it "https://shop.example".')
        port = asked.port or PORTS[asked.scheme]
        ports = (80, 443) if port in (80, 443) else (port,)  # a site redirects from one to the other
        hosts = Hosts((asked.hostname,), ports, tuple(allowed))
        super().__init__(sites.clock, sites.recorder, sites.recorder.record(_RemoteOrigin(verifies=verifies), hosts))
        self.base_url, self.host, self.only_host = url.rstrip("/"), asked.hostname, asked.hostname

    @classmethod
    def asked_for(cls, spec: SiteSpec) -> MakeSite | None:
        """Return a function that makes the site, if ``--base-url``, or ``base_url`` of the settings, names its URL."""
        url = spec.options.get("base_url")
        if not url:
            return None
        if spec.marker:
            raise CookieproofError(f"{url} runs elsewhere: @pytest.mark.site cannot configure it.")
        return lambda sites: cls(url, sites, allowed=spec.allow_hosts, verifies=not spec.ignore_https_errors)

    @property
    def url(self) -> str:
        return self.base_url

    def at(self, host: str, *, https: bool | None = None) -> str:
        """Return the site's URL. Raises ``CookieproofError`` for another host or scheme than its own."""
        if host != self.host:
            raise self._cannot(f"be reached as {host}")
        return self.base_url

    def origin_of(self, url: str) -> str | None:
        return self.base_url if url.partition("?")[0] == self.base_url or url.startswith(self.base_url + "/") else None

    def check_clock(self, offsets: tuple[Offset, ...]) -> None:
        if "site" in offsets:
            raise CookieproofError(
                f"{self.base_url} runs elsewhere, on a clock of its own: of what takes time only that is proven there "
                "which ends in the browser, as a Max-Age does. Move its clock only, by clock.skew(browser=…)."
            )

    def _cannot(self, what: str) -> CookieproofError:
        return CookieproofError(
            f"{self.base_url} runs elsewhere and cannot {what} from here: let the harness serve the site, by "
            "--site or --site-command."
        )


class _RemoteOrigin:
    """Leads the recorder to a remote site: to the host and port that its URLs name."""

    forwarded = False

    def __init__(self, *, verifies: bool) -> None:
        self._tls = ssl.create_default_context() if verifies else ssl._create_unverified_context()

    def address(self, scheme: str, host: str, port: int) -> Address:
        return Address(host, port, self._tls if scheme == "https" else None)

    def why_unreachable(self) -> str:
        return ""
