"""Data about one cookie: where it is stored, what happened to it, and what a browser held at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cookieproof.cookies.deletions import Sent
from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.cookies.set_cookie import is_address
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.words import printable

ABOUT = timedelta(seconds=5)  # two ends that are so near are one
EventKind = Literal["set", "refused", "deleted", "expired", "ended", "evicted", "removed"]


@dataclass(frozen=True)
class StoreSnapshot:
    """What a browser's cookie store held at one moment.

    ``exchanges`` is how many of the visitor's exchanges had been answered, ``time`` the browser's
    time, ``monotonic`` the machine's seconds. ``network_is_idle`` is whether no request was pending: else an
    answer may have been sent that had not arrived. ``after`` names the test's own call that just changed it.
    """

    cookies: tuple[StoredCookie, ...]
    exchanges: int
    life: int
    time: datetime
    monotonic: float
    network_is_idle: bool
    after: str = ""

    def is_like(self, other: StoreSnapshot) -> bool:
        """Return whether cookies, exchanges and life are the same as in another snapshot; its time may differ."""
        return (self.cookies, self.exchanges, self.life) == (other.cookies, other.exchanges, other.life)


@dataclass(frozen=True)
class CookieScope:
    """Where a cookie is stored: cookies of one name differ in this. ``domain`` starts with a dot unless host-only.

    ``is_partitioned`` is whether it is in a partition: the exchanges do not show in which.
    """

    domain: str
    path: str
    is_partitioned: bool = False

    @classmethod
    def of(cls, exchange: Exchange, cookie: SetCookie) -> CookieScope:
        """Return where this ``Set-Cookie`` is stored, or would be if the host may set cookies for its domain."""
        domain = cookie.domain(exchange.host) or f".{cookie.asked_domain}"
        return cls(domain, cookie.path(exchange.path), cookie.is_partitioned)

    @classmethod
    def held(cls, cookie: StoredCookie) -> CookieScope:
        """Return where a browser holds the cookie."""
        return cls(cookie.domain, cookie.path, cookie.partition is not None)

    def is_for(self, host: str) -> bool:
        """Return whether cookies of this scope are sent to the host (RFC 6265bis, 5.1.3)."""
        return host == self.domain or (self.domain.startswith(".") and f".{host}".endswith(self.domain))

    def is_above(self, path: str) -> bool:
        """Return whether cookies of this scope are sent to the path (RFC 6265bis, 5.1.4)."""
        return path == self.path or path.startswith(self.path.rstrip("/") + "/")

    def __str__(self) -> str:
        return printable(self.domain + self.path)


@dataclass(frozen=True)
class CookieEvent:
    """One change of a cookie: what happened, by whom, and between which two moments of the browser's clock.

    ``sent`` is the ``Set-Cookie`` that did it, if one did; ``why`` is said only of a refusal, as a clause.
    """

    what: EventKind
    by: str
    scope: CookieScope
    since: datetime
    until: datetime
    sent: Sent | None = None
    why: str = ""

    @property
    def by_script(self) -> bool:
        """Whether a script set it: no response did."""
        return self.what == "set" and self.sent is None

    @property
    def _when(self) -> str:
        if self.until - self.since > ABOUT:
            return f"between {self.since:%Y-%m-%d %H:%M:%S} and {self.until:%H:%M:%S} UTC"
        return f"at {self.until:%Y-%m-%d %H:%M:%S} UTC"

    @property
    def sentence(self) -> str:
        """ "It was deleted by GET /out at …", without its full stop."""
        if self.what == "refused":
            return f"The browser refused the Set-Cookie of {self.by}, since {self.why}"
        return f"It {'was ' if self.what not in ('expired', 'ended') else ''}{self}"

    def __str__(self) -> str:
        if self.what == "refused":
            return f"refused from {self.by}, since {self.why}"
        how = {"expired": "ended by", "ended": "ended with", "evicted": "evicted by"}.get(self.what, f"{self.what} by")
        return f"{how} {self.by} {self._when}"


def method_and_path(exchange: Exchange) -> str:
    """Return method and path of the exchange: ``GET /login``."""
    return f"{exchange.method} {printable(exchange.path)}"


def site_of(domain: str) -> str:
    """Return the registrable domain, without the public suffix list: the last two labels, or an IP address."""
    domain = domain.removeprefix(".")
    return domain if is_address(domain) else ".".join(domain.split(".")[-2:])
