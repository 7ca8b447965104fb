"""Explains what happened to the cookies of one name in one browser: what the site sent, and what the browser held.

The snapshots decide what the browser held; the exchanges say who set or deleted it. A visitor takes snapshots
before and after its steps. What changed between two of them was done by the exchanges between them, by an age
that was over, by the browser's end, or else by a script.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from cookieproof.cookies.cookie_event import ABOUT, CookieEvent, CookieScope, StoreSnapshot, method_and_path, site_of
from cookieproof.cookies.deletions import Sent, deletes
from cookieproof.cookies.events import Events, LiveCookie
from cookieproof.cookies.eviction import ROOM, ROOM_OF_A_PARTITION, octets_in_partition, others_taken
from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.cookies.refusals import is_trusted, of_another_site, refusal, suspicion
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
        by_the_browser: Callable[[datetime], datetime],
        *,
        tells_partitions: bool = True,
        sees_all: bool = True,
    ) -> None:
        """``by_the_browser`` converts the time of an exchange to the browser's clock.

        ``tells_partitions`` is whether snapshots name partitions, ``sees_all`` whether they hold all cookies of the
        name: else one that is missing may be in a partition that they leave out.
        """
        super().__init__()
        self._name, self._wire, self._by_the_browser = name, wire, by_the_browser
        self._tells_partitions, self._sees_all = tells_partitions, sees_all
        start, before = 0, None
        for each in snapshots:
            # What is answered while the store is read may be on the wire later.
            snapshot = each if each.exchanges <= len(wire) else replace(each, exchanges=len(wire))
            if snapshot.network_is_idle:
                self._go_on(
                    snapshot, range(start, snapshot.exchanges), snapshot.monotonic - (before or snapshot).monotonic
                )
                start, before = snapshot.exchanges, snapshot
        for number in range(start, len(wire)):
            self._add_exchange(number, wire[number])

    def _go_on(self, snapshot: StoreSnapshot, numbers: range, seconds: float) -> None:
        """Note what changed until this snapshot, which was taken ``seconds`` after the last."""
        before, mark = dict(self._alive), len(self.events)
        for number in numbers:
            self._add_exchange(number, self._wire[number])
        # By the clock as it is now: it is moved right after a snapshot.
        self._reconcile(snapshot, numbers, before, mark, snapshot.time - timedelta(seconds=seconds))

    # --- what the site says

    def _add_exchange(self, number: int, exchange: Exchange) -> None:
        now = self._by_the_browser(exchange.time)
        self._expire(now)
        if self._sees_all and self._name in (exchange.cookie or "") and self._name in exchange.cookies:
            self._sent_in.append(number)
        for cookie in exchange.set_cookies:
            if cookie.name == self._name:
                self._take(number, exchange, cookie, now)
        if exchange.clears_cookies and is_trusted(exchange):
            for scope in [each for each in self._alive if site_of(each.domain) == site_of(exchange.host)]:
                self._end(scope, "deleted", f"Clear-Site-Data of {method_and_path(exchange)}", now)

    def _take(self, number: int, exchange: Exchange, cookie: SetCookie, now: datetime) -> None:
        sent = (exchange, cookie)
        scope = self._scope(sent)
        if why := self._why_refused(exchange, cookie):
            self._note("refused", method_and_path(exchange), scope, now, now, sent, why)
        elif not deletes(exchange, cookie):
            self._alive[scope] = LiveCookie(
                _as_stored(scope, cookie, self._end_of(sent, now)), exchange.life or 0, False, number
            )
            self._note("set", method_and_path(exchange), scope, now, now, sent)
        elif scope in self._alive:
            self._end(scope, "deleted", method_and_path(exchange), now, sent)

    def _scope(self, sent: Sent) -> CookieScope:
        scope = CookieScope.of(*sent)
        return scope if self._tells_partitions else replace(scope, is_partitioned=False)

    def _why_refused(self, exchange: Exchange, cookie: SetCookie) -> str:
        held = [each.cookie for scope, each in self._alive.items() if scope.is_for(exchange.host)]
        if not (why := refusal(exchange, cookie, held)) and of_another_site(exchange, cookie):
            return "another site's page asked for it, so that the browser takes no SameSite cookie from it"
        return why

    def _end_of(self, sent: Sent, now: datetime) -> datetime | None:
        """Return until when the browser holds it, by its own clock; it compares ``Expires`` with the ``Date``."""
        exchange, cookie = sent
        return cookie.held_until(now, exchange.time)

    # --- what the browser holds

    def _reconcile(
        self, snapshot: StoreSnapshot, numbers: range, before: dict[CookieScope, LiveCookie], mark: int, since: datetime
    ) -> None:
        held: dict[CookieScope, StoredCookie] = {}
        for each in snapshot.cookies:
            if each.name == self._name:  # of several partitions one stands for all: the one that is as expected
                expected = self._alive.get(CookieScope.held(each))
                if expected is None or CookieScope.held(each) not in held or _alike(expected.cookie, each):
                    held[CookieScope.held(each)] = each
        for scope, cookie in held.items():
            expected, was = self._alive.get(scope), before.get(scope)
            set_in = expected.since if expected else snapshot.exchanges
            if expected is None or not _alike(expected.cookie, cookie):
                if was is not None and _alike(was.cookie, cookie) and self._was_taken(scope, numbers, cookie):
                    self._note("set", SCRIPT, scope, since, snapshot.time)  # which put its value back
                elif was is not None and _alike(was.cookie, cookie):
                    self._undo(scope, mark)  # what should have changed it did not
                    set_in = was.since
                else:
                    set_in = self._explain_change(scope, cookie, snapshot, numbers, since)
            self._alive[scope] = LiveCookie(cookie, snapshot.life, True, set_in)
        for scope in [each for each in self._alive if each not in held]:
            self._explain_end(scope, snapshot, since)

    def _was_taken(self, scope: CookieScope, numbers: range, cookie: StoredCookie) -> bool:
        """Return whether the browser accepted what these exchanges set or deleted there, so that a script undid it.

        It accepts what a navigation sets, unless it has a reason not to; a fetch may ignore cookies.
        """
        ours = [
            (self._wire[number], each)
            for number in numbers
            for each in self._wire[number].set_cookies
            if each.name == self._name and self._scope((self._wire[number], each)) == scope
        ]
        return bool(ours) and not cookie.http_only and all(self._must_be_taken(sent, scope) for sent in ours)

    def _must_be_taken(self, sent: Sent, scope: CookieScope) -> bool:
        return self._sees_all and not scope.is_partitioned and sent[0].fetch_mode == "navigate" and not suspicion(*sent)

    def _explain_change(
        self, scope: CookieScope, cookie: StoredCookie, snapshot: StoreSnapshot, numbers: range, since: datetime
    ) -> int:
        """Note who set the held cookie, and return the number of the exchange."""
        late = {self._wire.index(each.sent[0]) for each in self.refused if each.scope == scope and each.sent}
        candidates = sorted({*numbers, *late}, reverse=True)
        found = [(number, sent) for number in candidates for sent in self._settings(number, scope)]
        # What no script can have set was set by the site, however it looks.
        number, sent = next(
            (each for each in found if self._is_of(each[1], cookie) or cookie.http_only), (snapshot.exchanges, None)
        )
        if sent is None or snapshot.after:
            self._note("set", snapshot.after or SCRIPT, scope, since, snapshot.time)
        else:
            self.events = [each for each in self.events if each.sent != sent]
            now = self._by_the_browser(sent[0].time)
            self._note("set", method_and_path(sent[0]), scope, now, now, sent)
        return number

    def _settings(self, number: int, scope: CookieScope) -> list[Sent]:
        """Return what set the cookie of this scope in one exchange, the last first."""
        exchange = self._wire[number]
        ours = [
            (exchange, each) for each in exchange.set_cookies if each.name == self._name and not deletes(exchange, each)
        ]
        return [each for each in reversed(ours) if self._scope(each) == scope]

    def _is_of(self, sent: Sent, cookie: StoredCookie) -> bool:
        now = self._by_the_browser(sent[0].time)
        return _alike(_as_stored(self._scope(sent), sent[1], self._end_of(sent, now)), cookie)

    def _undo(self, scope: CookieScope, mark: int) -> None:
        """Correct the events since ``mark``: the supposed deletion was none, and a new value was not accepted."""
        since = self.events[mark:]
        kept = [each if each.what != "set" or each.scope != scope else _as_refused(each) for each in since]
        self.events[mark:] = [each for each in kept if each.scope != scope or each.what == "refused"]

    def _explain_end(self, scope: CookieScope, snapshot: StoreSnapshot, since: datetime) -> None:
        alive = self._alive[scope]
        expires = alive.cookie.expires
        if expires and expires <= snapshot.time:
            self._end(scope, "expired", "its age", expires)
        elif alive.life != snapshot.life:
            how = "the browser" if expires is None else "the browser, which had not written it to its disk"
            self._end(scope, "ended", how, snapshot.time)
        elif snapshot.after:
            self._end(scope, "removed", snapshot.after, snapshot.time)
        elif (count := others_taken(self._name, scope, self._wire[alive.since : snapshot.exchanges], snapshot)) > ROOM:
            by = f"the browser, which took {count} other cookies of {site_of(scope.domain)} since it was set,"
            self._end(scope, "evicted", by, snapshot.time)
        elif (
            scope.is_partitioned and octets_in_partition(scope, self._wire[: snapshot.exchanges]) > ROOM_OF_A_PARTITION
        ):
            by = f"the browser, which keeps {ROOM_OF_A_PARTITION} octets of {site_of(scope.domain)} in a partition,"
            self._end(scope, "evicted", by, snapshot.time)
        elif not alive.seen and not any(number > alive.since for number in self._sent_in):
            setting = self.last([scope], "set")
            if setting and setting.sent and not alive.cookie.http_only and self._must_be_taken(setting.sent, scope):
                self._end(scope, "deleted", SCRIPT, snapshot.time, since=since)
            else:
                self._not_taken(scope)
        elif alive.cookie.http_only:
            self._end(
                scope, "removed", "something that no exchange shows, and no script can (it is HttpOnly)", snapshot.time
            )
        else:
            self._end(scope, "deleted", SCRIPT, snapshot.time, since=since)

    def _not_taken(self, scope: CookieScope) -> None:
        setting = self.last([scope], "set")
        assert setting
        self.events[self.events.index(setting)] = _as_refused(setting)
        del self._alive[scope]


def _as_refused(setting: CookieEvent) -> CookieEvent:
    assert setting.sent
    return replace(setting, what="refused", why=suspicion(*setting.sent) or UNKNOWN)


def _as_stored(scope: CookieScope, cookie: SetCookie, expires: datetime | None) -> StoredCookie:
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


def _alike(one: StoredCookie, other: StoredCookie) -> bool:
    """Return whether the two are the same cookie, set once: equal values, and almost equal ends."""
    if one.value != other.value or (one.expires is None) != (other.expires is None):
        return False
    return one.expires is None or other.expires is None or abs(one.expires - other.expires) <= ABOUT
