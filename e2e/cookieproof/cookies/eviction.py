"""Counts what a browser would keep of one site, to find out whether it evicted a cookie to make room."""

from __future__ import annotations

from collections.abc import Sequence

from cookieproof.cookies.cookie_event import CookieScope, StoreSnapshot, site_of
from cookieproof.cookies.exchange import Exchange
from cookieproof.cookies.refusals import refusal
from cookieproof.cookies.set_cookie import octets

# Browsers keep 180 cookies of a site, and then forget those that were used least recently.
ROOM = 150
# Of a site in one partition (Chromium: net/cookies/cookie_monster.h, kPerPartitionDomainMaxCookieBytes).
ROOM_OF_A_PARTITION = 10240


def others_taken(name: str, scope: CookieScope, exchanges: Sequence[Exchange], snapshot: StoreSnapshot) -> int:
    """Count the cookies of the scope's site, without this one, that these exchanges set or the snapshot holds."""
    site = site_of(scope.domain)
    taken = {
        (each.name, CookieScope.of(exchange, each))
        for exchange in exchanges
        if site_of(exchange.host) == site
        for each in exchange.set_cookies
        if not refusal(exchange, each)
    }
    # What scripts have set is on no wire.
    held = {(each.name, CookieScope.held(each)) for each in snapshot.cookies if site_of(each.domain) == site}
    return len((taken | held) - {(name, scope)})


def octets_in_partition(scope: CookieScope, exchanges: Sequence[Exchange]) -> int:
    """Count the octets of names and values that these exchanges set in partitions of the scope's site."""
    set_there = {
        each.name: len(octets(each.name)) + len(octets(each.value))
        for exchange in exchanges
        for each in exchange.set_cookies
        if each.is_partitioned and site_of(exchange.host) == site_of(scope.domain)
    }
    return sum(set_there.values())
