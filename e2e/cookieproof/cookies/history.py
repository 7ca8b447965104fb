"""Explains what happened to the cookies of one name in one browser: what the site sent, and what the browser held.

The snapshots decide what the browser held; the exchanges say who set or deleted it. A visitor takes snapshots
before and after each step. A change between two snapshots was made by an exchange between them, by an age
that was over, by the browser's end, or else by a script.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from cookieproof.cookies.cookie_event import (
    CookieEvent,
    CookieScope,
    StoreSnapshot,
    as_stored,
    method_and_path,
    same_cookie,
    site_of,
)
from cookieproof.cookies.deletions import Sent, deletes
from cookieproof.cookies.events import Events, LiveCookie
from cookieproof.cookies.eviction import COOKIES_PER_SITE, OCTETS_PER_PARTITION, other_cookies, partition_octets
from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.cookies.refusals import is_trusted, likely_refusal, refusal, violates_same_site
from cookieproof.cookies.stored_cookie import StoredCookie

SCRIPT = "a script"
UNKNOWN = "it did not hold it afterwards, for a cause that is not known"


class History(Events):
    """Reads snapshots and exchanges in their order, and fills ``events``."""

    def __init__(
        self,
        name: str,
        snapshots: Sequence[StoreSnapshot],
        wire: Sequence[Exchange],
        to_browser_time: Callable[[datetime], datetime],
        *,
        reports_partitions: bool = True,
        sees_all: bool = True,
    ) -> None:
        """Read the snapshots and exchanges of one browser.

        ``to_browser_time`` converts an exchange's time, which is the site's, to the browser's clock.
        ``reports_partitions`` is whether snapshots name partitions, ``sees_all`` whether they hold all cookies of the
        name: if not, a missing cookie may be in a partition that they leave out.
        """
        super().__init__()
        self._name, self._wire, self._to_browser_time = name, wire, to_browser_time
        self._tells_partitions, self._sees_all = reports_partitions, sees_all
        start, before = 0, None
        for each in snapshots:
            # A response that came while the store was read may be added to the exchanges later.
            snapshot = each if each.exchanges <= len(wire) else replace(each, exchanges=len(wire))
            if snapshot.network_is_idle:
                self._apply_snapshot(
                    snapshot, range(start, snapshot.exchanges), snapshot.monotonic - (before or snapshot).monotonic
                )
                start, before = snapshot.exchanges, snapshot
        for number in range(start, len(wire)):
            self._add_exchange(number, wire[number])

    def _apply_snapshot(self, snapshot: StoreSnapshot, numbers: range, seconds: float) -> None:
        """Add the events between the last snapshot and this one, which was taken ``seconds`` later."""
        before, old = dict(self._alive), len(self.events)
        for number in numbers:
            self._add_exchange(number, self._wire[number])
        # The clock is moved right after a snapshot, so the last snapshot's own time may be from before a move.
        self._reconcile(snapshot, numbers, before, old, snapshot.time - timedelta(seconds=seconds))

    # --- what the site says

    def _add_exchange(self, number: int, exchange: Exchange) -> None:
        now = self._to_browser_time(exchange.time)
        self._expire(now)
        if self._sees_all and self._name in (exchange.cookie or "") and self._name in exchange.cookies:
            self._sent_in.append(number)
        for cookie in exchange.set_cookies:
            if cookie.name == self._name:
                self._apply_set_cookie(number, exchange, cookie, now)
        if exchange.clears_cookies and is_trusted(exchange):
            for scope in [each for each in self._alive if site_of(each.domain) == site_of(exchange.host)]:
                self._end(scope, "deleted", f"Clear-Site-Data of {method_and_path(exchange)}", now)

    def _apply_set_cookie(self, number: int, exchange: Exchange, cookie: SetCookie, now: datetime) -> None:
        sent = (exchange, cookie)
        scope = self._scope(sent)
        if why := self._why_refused(exchange, cookie):
            self._note("refused", method_and_path(exchange), scope, now, now, sent, why)
        elif not deletes(exchange, cookie):
            self._alive[scope] = LiveCookie(
                as_stored(scope, cookie, self._end_of(sent, now)), exchange.life or 0, False, number
            )
            self._note("set", method_and_path(exchange), scope, now, now, sent)
        elif scope in self._alive:
            self._end(scope, "deleted", method_and_path(exchange), now, sent)

    def _scope(self, sent: Sent) -> CookieScope:
        scope = CookieScope.of(*sent)
        return scope if self._tells_partitions else replace(scope, is_partitioned=False)

    def _why_refused(self, exchange: Exchange, cookie: SetCookie) -> str:
        held = [each.cookie for scope, each in self._alive.items() if scope.domain_matches(exchange.host)]
        if not (why := refusal(exchange, cookie, held)) and violates_same_site(exchange, cookie):
            return "another site's page asked for it, so that the browser takes no SameSite cookie from it"
        return why

    def _end_of(self, sent: Sent, now: datetime) -> datetime | None:
        """Return when the cookie expires by the browser's clock: the browser shifts ``Expires`` by ``Date``."""
        exchange, cookie = sent
        return cookie.held_until(now, exchange.time)

    # --- what the browser holds

    def _reconcile(
        self, snapshot: StoreSnapshot, numbers: range, before: dict[CookieScope, LiveCookie], old: int, since: datetime
    ) -> None:
        held: dict[CookieScope, StoredCookie] = {}
        for each in snapshot.cookies:
            if each.name == self._name:  # of several partitions the expected cookie counts
                expected = self._alive.get(CookieScope.held(each))
                if expected is None or CookieScope.held(each) not in held or same_cookie(expected.cookie, each):
                    held[CookieScope.held(each)] = each
        for scope, cookie in held.items():
            expected, was = self._alive.get(scope), before.get(scope)
            set_in = expected.since if expected else snapshot.exchanges
            if expected is None or not same_cookie(expected.cookie, cookie):
                if was is not None and same_cookie(was.cookie, cookie) and self._was_accepted(scope, numbers, cookie):
                    self._note("set", SCRIPT, scope, since, snapshot.time)  # it put the old value back
                elif was is not None and same_cookie(was.cookie, cookie):
                    self._undo(scope, old)  # the exchanges did not change it
                    set_in = was.since
                else:
                    set_in = self._explain_change(scope, cookie, snapshot, numbers, since)
            self._alive[scope] = LiveCookie(cookie, snapshot.life, True, set_in)
        for scope in [each for each in self._alive if each not in held]:
            self._explain_end(scope, snapshot, since)

    def _was_accepted(self, scope: CookieScope, numbers: range, cookie: StoredCookie) -> bool:
        """Return whether the browser accepted what these exchanges set or deleted in this scope.

        A browser accepts what a navigation sets, unless it has a reason not to; a fetch may ignore cookies. If the
        browser accepted the change and holds the old cookie, a script undid the change.
        """
        ours = [
            (self._wire[number], each)
            for number in numbers
            for each in self._wire[number].set_cookies
            if each.name == self._name and self._scope((self._wire[number], each)) == scope
        ]
        return bool(ours) and not cookie.http_only and all(self._must_be_accepted(sent, scope) for sent in ours)

    def _must_be_accepted(self, sent: Sent, scope: CookieScope) -> bool:
        is_visit = sent[0].fetch_mode == "navigate" and not scope.is_partitioned
        return self._sees_all and is_visit and not likely_refusal(*sent)

    def _explain_change(
        self, scope: CookieScope, cookie: StoredCookie, snapshot: StoreSnapshot, numbers: range, since: datetime
    ) -> int:
        """Add the event that set the held cookie, and return the number of the exchange that did."""
        late = {self._wire.index(each.sent[0]) for each in self.refused if each.scope == scope and each.sent}
        candidates = sorted({*numbers, *late}, reverse=True)
        found = [(number, sent) for number in candidates for sent in self._setters(number, scope)]
        # A script cannot set an HttpOnly cookie, so the site did, even if the values differ.
        number, sent = next(
            (each for each in found if self._is_of(each[1], cookie) or cookie.http_only), (snapshot.exchanges, None)
        )
        if sent is None or snapshot.after:
            self._note("set", snapshot.after or SCRIPT, scope, since, snapshot.time)
        else:
            self.events = [each for each in self.events if each.sent != sent]
            now = self._to_browser_time(sent[0].time)
            self._note("set", method_and_path(sent[0]), scope, now, now, sent)
        return number

    def _setters(self, number: int, scope: CookieScope) -> list[Sent]:
        """Return each ``Set-Cookie`` of one exchange that set the cookie of this scope, the last first."""
        exchange = self._wire[number]
        ours = [
            (exchange, each) for each in exchange.set_cookies if each.name == self._name and not deletes(exchange, each)
        ]
        return [each for each in reversed(ours) if self._scope(each) == scope]

    def _is_of(self, sent: Sent, cookie: StoredCookie) -> bool:
        now = self._to_browser_time(sent[0].time)
        return same_cookie(as_stored(self._scope(sent), sent[1], self._end_of(sent, now)), cookie)

    def _undo(self, scope: CookieScope, old: int) -> None:
        """Correct the events from index ``old`` on: nothing was deleted, and each new value was refused."""
        since = self.events[old:]
        kept = [each if each.what != "set" or each.scope != scope else _as_refused(each) for each in since]
        self.events[old:] = [each for each in kept if each.scope != scope or each.what == "refused"]

    def _explain_end(self, scope: CookieScope, snapshot: StoreSnapshot, since: datetime) -> None:
        alive = self._alive[scope]
        expires, recent = alive.cookie.expires, self._wire[alive.since : snapshot.exchanges]
        if expires and expires <= snapshot.time:
            self._end(scope, "expired", "its age", expires)
        elif alive.life != snapshot.life:
            how = "the browser" if expires is None else "the browser, which had not written it to its disk"
            self._end(scope, "ended", how, snapshot.time)
        elif snapshot.after:
            self._end(scope, "removed", snapshot.after, snapshot.time)
        elif (count := other_cookies(self._name, scope, recent, snapshot)) > COOKIES_PER_SITE:
            by = f"the browser, which took {count} other cookies of {site_of(scope.domain)} since it was set,"
            self._end(scope, "evicted", by, snapshot.time)
        elif scope.is_partitioned and partition_octets(scope, self._wire[: snapshot.exchanges]) > OCTETS_PER_PARTITION:
            by = f"the browser, which keeps {OCTETS_PER_PARTITION} octets of {site_of(scope.domain)} in a partition,"
            self._end(scope, "evicted", by, snapshot.time)
        elif not alive.seen and not any(number > alive.since for number in self._sent_in):
            setting = self.last([scope], "set")
            if setting and setting.sent and not alive.cookie.http_only and self._must_be_accepted(setting.sent, scope):
                self._end(scope, "deleted", SCRIPT, snapshot.time, since=since)
            else:
                self._mark_refused(scope)
        elif alive.cookie.http_only:
            self._end(
                scope, "removed", "something that no exchange shows, and no script can (it is HttpOnly)", snapshot.time
            )
        else:
            self._end(scope, "deleted", SCRIPT, snapshot.time, since=since)

    def _mark_refused(self, scope: CookieScope) -> None:
        setting = self.last([scope], "set")
        assert setting
        self.events[self.events.index(setting)] = _as_refused(setting)
        del self._alive[scope]


def _as_refused(setting: CookieEvent) -> CookieEvent:
    assert setting.sent
    return replace(setting, what="refused", why=likely_refusal(*setting.sent) or UNKNOWN)
