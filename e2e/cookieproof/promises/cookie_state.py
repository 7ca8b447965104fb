"""One cookie as a visitor's browser treats it at one moment: what is sent and held, what happened to it, and why."""

from __future__ import annotations

import functools
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from cookieproof.cookies import dates
from cookieproof.cookies.cookie_event import CookieEvent, CookieScope, method_and_path
from cookieproof.cookies.deletions import Sent, deletes, past_expires
from cookieproof.cookies.exchange import Exchange
from cookieproof.cookies.history import History
from cookieproof.cookies.refusals import is_trusted, refusal
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.words import duration, printable, shown

if TYPE_CHECKING:
    from playwright.sync_api import Frame

    from cookieproof.visitor.visitor import Visitor


def is_secure(url: str) -> bool:
    """Return whether a browser sends Secure cookies to the URL."""
    parts = urlsplit(url)
    return is_trusted(Exchange(None, None, dates.EPOCH, "GET", parts.hostname or "", "/", 0, None, (), parts.scheme))


def _origins(frame: Frame) -> list[str]:
    from cookieproof.visitor.frames import origins_of  # imported late: a served site's process needs no Playwright

    return origins_of(frame)


IN_A_PATH = "/%:@!$&'()*+,;=~"  # characters that a URL's path does not percent-encode (URL Standard)


class CookieState:
    """How the browser treats the cookie ``name``. Each property asks the browser once, when it is first read.

    ``path`` is the path that the expectation names; None if it names none: then "/" is asked, and cookies of the name
    at other paths count too.
    """

    def __init__(self, visitor: Visitor, name: str, path: str | None, frame: Frame | None = None) -> None:
        self.visitor, self.name, self._frame = visitor, name, frame
        self.path, self._is_named = path or "/", path is not None
        # The path that the browser compares with a cookie's path: without a query, percent-encoded as in a URL.
        self._compared = quote(urlsplit(urljoin("http://host/", self.path.replace("\\", "/"))).path, safe=IN_A_PATH)
        self.origins = _origins(frame) if frame else [visitor.url]

    @property
    def host(self) -> str:
        """The host of the frame, or the host that the visitor visits."""
        return urlsplit(self.origins[-1]).hostname or ""

    # --- what is there

    @functools.cached_property
    def pairs(self) -> list[tuple[str, str]]:
        return self.visitor.sent_pairs(self.path, self._frame)

    @property
    def sent(self) -> dict[str, str]:
        return dict(reversed(self.pairs))

    @functools.cached_property
    def stored(self) -> list[StoredCookie]:
        """The cookies of this name that the browser holds, for any host."""
        self.visitor.network_idle.await_scripts_cookies()
        return [cookie for cookie in self.visitor.store.snapshot().cookies if cookie.name == self.name]

    @property
    def of_host(self) -> list[StoredCookie]:
        """The cookies of this name that the browser holds for this host, in any partition."""
        return [cookie for cookie in self.stored if cookie.domain_matches(self.host)]

    @property
    def held(self) -> list[StoredCookie]:
        """The cookies of this name that the browser may send if this host, or this frame, asks."""
        if self._frame is None or not self.visitor.engine.reports_partitions:
            return self.of_host
        from cookieproof.visitor.frames import is_in_partition

        return [cookie for cookie in self.of_host if is_in_partition(cookie, self.origins)]

    @functools.cached_property
    def wire(self) -> list[Exchange]:
        return self.visitor.wire

    @property
    def set_cookies(self) -> list[Sent]:
        """Each ``Set-Cookie`` of this visitor's exchanges, of any name, with its exchange."""
        return [(exchange, cookie) for exchange in self.wire for cookie in exchange.set_cookies]

    @functools.cached_property
    def own_set_cookies(self) -> list[Sent]:
        return [each for each in self.set_cookies if each[1].name == self.name]

    @functools.cached_property
    def history(self) -> History:
        assert self.stored is not None  # takes a snapshot
        snapshots, tells = self.visitor.store.snapshots, self.visitor.engine.reports_partitions
        if self._frame and tells:
            from cookieproof.visitor.frames import is_in_partition

            snapshots = [
                replace(
                    snapshot, cookies=tuple(each for each in snapshot.cookies if is_in_partition(each, self.origins))
                )
                for snapshot in snapshots
            ]
        return History(
            self.name,
            snapshots,
            self.wire,
            self.to_browser_time,
            reports_partitions=tells,
            sees_all=self._frame is None,
        )

    def to_browser_time(self, moment: datetime) -> datetime:
        """Return the browser's time at a moment of the site's clock, which exchanges have."""
        return self.visitor.clock.to_browser_time(moment)

    # --- which of several

    def _is_meant(self, scope: CookieScope) -> bool:
        return not self._is_named or scope.path_matches(self._compared)

    @property
    def scopes(self) -> list[CookieScope]:
        """The hosts and paths for which the cookie was set: only those that match this host, if any does."""
        meant = [each for each in self.history.scopes() if self._is_meant(each)]
        return [each for each in meant if each.domain_matches(self.host)] or meant

    @property
    def was_set(self) -> bool:
        """Whether the browser ever held the cookie, sent it, or accepted a ``Set-Cookie`` of it."""
        is_known = bool(self.history.scopes())
        return bool(self.scopes) or (self.history.was_sent and not is_known)

    @property
    def living(self) -> list[StoredCookie]:
        """The cookies of this name that the browser holds now in one of ``scopes``."""
        scopes = self.scopes
        stored = self.held if self._frame else self.stored
        return [each for each in stored if CookieScope.held(each) in scopes]

    @property
    def meant(self) -> list[StoredCookie]:
        """The cookies of this name for this host: those sent to the path, if the expectation names one, else all."""
        return [each for each in self.held if self._is_meant(CookieScope.held(each))]

    def chosen(self) -> StoredCookie | None:
        """Return the cookie of ``meant`` that the browser sends first to the path; None if there is none."""
        held = self.meant
        there = [each for each in held if CookieScope.held(each).path_matches(self._compared)]
        if not there:
            return held[-1] if held else None
        longest = max(len(each.path) for each in there)
        nearest = [each for each in there if len(each.path) == longest]
        if len(nearest) > 1 and (value := self.sent.get(self.name)) is not None:
            nearest = [each for each in nearest if each.value == value] or nearest
        return nearest[-1]

    # --- why

    def last_refused(self) -> CookieEvent | None:
        """Return the refusal of the cookie's last ``Set-Cookie``; None if the browser accepted it."""
        host = self.host
        for each in reversed(self.history.events):
            is_here = each.scope.domain_matches(host) or (each.sent is not None and each.sent[0].host == host)
            is_deletion = each.sent is not None and deletes(*each.sent)
            if is_here and self._is_meant(each.scope) and not (each.what == "refused" and is_deletion):
                return each if each.what == "refused" else None
        return None

    def is_as_asked(self) -> bool:
        """Return whether the browser sends the cookie with the value of its last ``Set-Cookie``."""
        last = next(iter(reversed(self.own_set_cookies)), None)
        return last is None or (not refusal(*last) and last[1].value == self.sent.get(self.name))

    def why_not_there(self) -> str:
        """Return why the cookie is not sent or held, as a sentence without its full stop; empty if it was never set."""
        if refused := self.last_refused():
            return refused.sentence
        return self._where_held() or self._in_the_past() or self._how_it_ended() or self._only_deleted()

    def _where_held(self) -> str:
        for each in [*reversed(self.held), *reversed(self.of_host), *reversed(self.stored)]:
            scope = CookieScope.held(each)
            if not scope.domain_matches(self.host):
                return f"It is held for {printable(each.domain)}, and not for {self.host}"
            if not scope.path_matches(self._compared):
                path = shown(each.path)
                return f'It is held for {path}, and not sent to {printable(self.path)}: expect it with path="{path}"'
            if self.name not in self.sent:
                return self._why_kept_back(each)
        return ""

    def _why_kept_back(self, held: StoredCookie) -> str:
        if held.partition:
            return f"It is held for {printable(held.domain)}{held.where}, and sent nowhere else"
        if held.secure and not is_secure(self.origins[-1]):
            return f"It is held, and Secure: it is not sent to {self.origins[-1]} over plain http"
        if self._frame and held.same_site in ("Lax", "Strict") and not held.partition:
            return f"It is held, and SameSite={held.same_site}: no frame in a page of another site sends it"
        return "It is held, and not sent here: it may be in a partition, for frames of other sites"

    def _in_the_past(self) -> str:
        if not self.own_set_cookies:
            return ""
        exchange, cookie = self.own_set_cookies[-1]
        past = past_expires(exchange, cookie)
        return f"{method_and_path(exchange)} set it with an Expires {duration(past)} in the past" if past else ""

    def _only_deleted(self) -> str:
        """Return that a response only deletes the cookie, as a sentence; an empty text if none does."""
        return (
            f"{method_and_path(self.own_set_cookies[-1][0])} deletes it"
            if self.own_set_cookies and deletes(*self.own_set_cookies[-1])
            else ""
        )

    def _how_it_ended(self) -> str:
        last = self.history.last(self.scopes)
        return last.sentence if last and last.what != "set" else ""
