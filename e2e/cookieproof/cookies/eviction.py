"""Counts the cookies of one site, to find out whether a browser evicted a cookie to make room for others."""

from __future__ import annotations

from collections.abc import Sequence

from cookieproof.cookies.cookie_event import CookieScope, StoreSnapshot, site_of
from cookieproof.cookies.exchange import Exchange
from cookieproof.cookies.refusals import refusal
from cookieproof.cookies.set_cookie import octets

# Browsers keep at least 150 cookies of a site: above 180, Chromium evicts the least recently used ones down to 150.
COOKIES_PER_SITE = 150
# Of a site in one partition (Chromium: net/cookies/cookie_monster.h, kPerPartitionDomainMaxCookieBytes).
OCTETS_PER_PARTITION = 10240


def other_cookies(name: str, scope: CookieScope, exchanges: Sequence[Exchange], snapshot: StoreSnapshot) -> int:
    """Return how many cookies of the scope's site, besides this one, the exchanges set or the snapshot holds."""
    site = site_of(scope.domain)
    taken = {
        (each.name, CookieScope.of(exchange, each))
        for exchange in exchanges
        if site_of(exchange.host) == site
        for each in exchange.set_cookies
        if not refusal(exchange, each)
    }
    # What scripts have set is in no exchange.
    held = {(each.name, CookieScope.held(each)) for each in snapshot.cookies if site_of(each.domain) == site}
    return len((taken | held) - {(name, scope)})


def partition_octets(scope: CookieScope, exchanges: Sequence[Exchange]) -> int:
    """Return how many octets of names and values these exchanges set in partitions of the scope's site."""
    set_there = {
        each.name: len(octets(each.name)) + len(octets(each.value))
        for exchange in exchanges
        for each in exchange.set_cookies
        if each.is_partitioned and site_of(exchange.host) == site_of(scope.domain)
    }
    return sum(set_there.values())
