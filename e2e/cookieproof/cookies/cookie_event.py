"""Data about one cookie: where it is stored, what happened to it, and what a browser held at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cookieproof.cookies.deletions import Sent
from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.cookies.matching import domain_matches, path_matches
from cookieproof.cookies.set_cookie import is_address
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.words import printable

EXPIRY_TOLERANCE = timedelta(seconds=5)  # two expiry times that differ by no more are the same
EventKind = Literal["set", "refused", "deleted", "expired", "ended", "evicted", "removed"]


@dataclass(frozen=True)
class StoreSnapshot:
    """What a browser's cookie store held at one moment.

    ``exchanges`` is how many of the visitor's exchanges had been answered, ``time`` the browser's
    time, ``monotonic`` the machine's seconds. ``network_is_idle`` is whether no request was pending: if one was, an
    answer may have been sent that had not arrived. ``after`` names the call of the test's own, such as
    ``context.clear_cookies()``, that changed the store just before; an empty text without one.
    """

    cookies: tuple[StoredCookie, ...]
    exchanges: int
    life: int
    time: datetime
    monotonic: float
    network_is_idle: bool
    after: str = ""

    def is_like(self, other: StoreSnapshot) -> bool:
        """Return whether another snapshot has the same cookies, exchanges and life; the times may differ."""
        return (self.cookies, self.exchanges, self.life) == (other.cookies, other.exchanges, other.life)


@dataclass(frozen=True)
class CookieScope:
    """Where a cookie is stored: cookies of one name differ in this. ``domain`` starts with a dot unless host-only.

    ``is_partitioned`` is whether the cookie is in a partition. The exchanges do not show in which one.
    """

    domain: str
    path: str
    is_partitioned: bool = False

    @classmethod
    def of(cls, exchange: Exchange, cookie: SetCookie) -> CookieScope:
        """Return the scope in which a browser stores this ``Set-Cookie``, or would if the host may set its domain."""
        domain = cookie.domain(exchange.host) or f".{cookie.asked_domain}"
        return cls(domain, cookie.path(exchange.path), cookie.is_partitioned)

    @classmethod
    def held(cls, cookie: StoredCookie) -> CookieScope:
        """Return the scope in which a browser holds the cookie."""
        return cls(cookie.domain, cookie.path, cookie.partition is not None)

    def domain_matches(self, host: str) -> bool:
        """Return whether cookies of this scope are sent to the host."""
        return domain_matches(self.domain, host)

    def path_matches(self, path: str) -> bool:
        """Return whether cookies of this scope are sent to the path, which has no query."""
        return path_matches(self.path, path)

    def __str__(self) -> str:
        return printable(self.domain + self.path)


@dataclass(frozen=True)
class CookieEvent:
    """One change of a cookie: what happened, by whom, and between which two moments of the browser's clock.

    ``sent`` is the ``Set-Cookie`` that made the change, and its exchange; None if none did. ``why`` is the reason of a
    refusal, as a clause; an empty text for any other event.
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
        """Whether a script set the cookie: it was set, and by no response."""
        return self.what == "set" and self.sent is None

    @property
    def _when(self) -> str:
        if self.until - self.since > EXPIRY_TOLERANCE:
            return f"between {self.since:%Y-%m-%d %H:%M:%S} and {self.until:%H:%M:%S} UTC"
        return f"at {self.until:%Y-%m-%d %H:%M:%S} UTC"

    @property
    def sentence(self) -> str:
        """The event as a sentence without its full stop: "It was deleted by GET /out at …"."""
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
    """Return the registrable domain of ``domain``, or an IP address as it is.

    The registrable domain is taken to be the last two labels: the public suffix list is not read.
    """
    domain = domain.removeprefix(".")
    return domain if is_address(domain) else ".".join(domain.split(".")[-2:])


def same_cookie(one: StoredCookie, other: StoredCookie) -> bool:
    """Return whether two stored cookies are one cookie, set once: equal values, and almost equal expiry times."""
    if one.value != other.value or (one.expires is None) != (other.expires is None):
        return False
    return one.expires is None or other.expires is None or abs(one.expires - other.expires) <= EXPIRY_TOLERANCE


def as_stored(scope: CookieScope, cookie: SetCookie, expires: datetime | None) -> StoredCookie:
    """Return the cookie that a browser stores in this scope for a ``Set-Cookie``."""
    attributes = cookie.attributes
    return StoredCookie(
        name=cookie.name,
        value=cookie.value,
        domain=scope.domain,
        path=scope.path,
        expires=expires,
        http_only="httponly" in attributes,
        secure="secure" in attributes,
        same_site=cookie.same_site or cookie.rules.same_site,
    )
