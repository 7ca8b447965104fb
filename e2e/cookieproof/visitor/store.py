"""Takes and keeps snapshots of the cookies that one visitor's browser holds."""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any

from cookieproof.clock.clock import Clock
from cookieproof.cookies import dates
from cookieproof.cookies.cookie_event import StoreSnapshot
from cookieproof.cookies.stored_cookie import StoredCookie, decoded_name
from cookieproof.visitor.lives import Lives
from cookieproof.visitor.network_idle import NetworkIdle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playwright.sync_api import BrowserContext, Cookie

    from cookieproof.cookies.exchange import Exchange

__tracebackhide__ = True  # a failure points at the line of the test


class Store:
    """Asks the open browser which cookies it holds, and keeps the snapshots, oldest first, in ``snapshots``.

    Of several equal snapshots in a row, only the first and the last are kept.
    """

    def __init__(
        self, lives: Lives, network_idle: NetworkIdle, clock: Clock, wire: Callable[[], Sequence[Exchange]]
    ) -> None:
        self.snapshots: list[StoreSnapshot] = []
        self._lives, self._network_idle, self._clock, self._wire = lives, network_idle, clock, wire

    def snapshot(self, after: str = "") -> StoreSnapshot:
        """Record and return which cookies the browser holds at this moment.

        ``after`` names the call by which the test has just changed the store, if it has.
        """
        exchanges = len(self._wire())  # first, since what is answered while the browser is asked has not arrived
        known = {cookie: cookie for cookie in self.snapshots[-1].cookies} if self.snapshots else {}
        held = tuple(known.get(cookie, cookie) for cookie in self._alive(self._context.cookies()))
        network_is_idle, now = not self._network_idle.pending.awaited(), self._clock.now("browser")
        snapshot = StoreSnapshot(held, exchanges, self._lives.number, now, time.monotonic(), network_is_idle, after)
        if len(self.snapshots) > 1 and all(
            snapshot.is_like(each) and each.network_is_idle for each in self.snapshots[-2:]
        ):
            self.snapshots.pop()
        self.snapshots.append(snapshot)
        return snapshot

    def watch(self, context: BrowserContext) -> None:
        """Take a snapshot before and after each ``add_cookies`` and ``clear_cookies`` of the test.

        No exchange shows what these two change.
        """

        def watched(name: str, method: Callable[..., None]) -> Callable[..., None]:
            @functools.wraps(method)
            def call(*args: Any, **kwargs: Any) -> None:
                self.snapshot()
                method(*args, **kwargs)
                self.snapshot(after=f"context.{name}() of the test")

            return call

        for name in ("add_cookies", "clear_cookies"):
            setattr(context, name, watched(name, getattr(context, name)))

    def held_for(self, host: str) -> list[StoredCookie]:
        """Return the cookies that the open browser holds for a host, in any partition."""
        self._network_idle.await_scripts_cookies()
        return [cookie for cookie in self.snapshot().cookies if cookie.domain_matches(host)]

    def held_at(self, url: str) -> list[StoredCookie]:
        """Return the cookies that the open browser would send to this URL, the longest path first.

        What scripts have set may not be stored yet: ``NetworkIdle`` waits for it.
        """
        held = self._alive(self._context.cookies(url))
        return sorted(held, key=lambda cookie: -len(cookie.path))

    @property
    def _context(self) -> BrowserContext:
        assert self._lives.context
        return self._lives.context

    def _alive(self, cookies: list[Cookie]) -> list[StoredCookie]:
        held = [
            StoredCookie(
                name=decoded_name(cookie["name"]),
                value=cookie["value"],
                domain=cookie["domain"],
                path=cookie["path"],
                expires=dates.later(dates.EPOCH, cookie["expires"]) if cookie["expires"] > 0 else None,
                http_only=cookie["httpOnly"],
                secure=cookie["secure"],
                same_site=cookie["sameSite"],
                partition=cookie.get("partitionKey"),
            )
            for cookie in cookies
        ]
        # Firefox lists expired cookies until it next purges them.
        now = self._clock.now("browser")
        return [cookie for cookie in held if cookie.expires is None or cookie.expires > now]
