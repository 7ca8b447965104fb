"""Lists what happened to the cookies of one name, in order, and which of these cookies the browser still holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cookieproof.cookies.cookie_event import CookieEvent, CookieScope, EventKind
from cookieproof.cookies.deletions import Sent
from cookieproof.cookies.stored_cookie import StoredCookie


@dataclass(frozen=True)
class LiveCookie:
    """A cookie that the browser holds, with the life and the exchange in which it was set."""

    cookie: StoredCookie
    life: int
    # Whether a snapshot showed the cookie; if not, only a Set-Cookie of the site did.
    seen: bool
    since: int  # the number of the exchange that set the cookie


class Events:
    """Collects the events of the cookies of one name in ``events``, in order."""

    def __init__(self) -> None:
        self.events: list[CookieEvent] = []
        self._alive: dict[CookieScope, LiveCookie] = {}
        self._sent_in: list[int] = []

    @property
    def refused(self) -> list[CookieEvent]:
        return [each for each in self.events if each.what == "refused"]

    @property
    def was_sent(self) -> bool:
        return bool(self._sent_in)

    def scopes(self) -> list[CookieScope]:
        """Return each scope in which a cookie of the name was set, the earliest first."""
        return list(dict.fromkeys(each.scope for each in self.events if each.what == "set"))

    def last(self, scopes: Iterable[CookieScope], *whats: EventKind) -> CookieEvent | None:
        """Return the last event in one of these scopes and of one of these kinds (any, if none is named), or None."""
        wanted = set(scopes)
        return next(
            (each for each in reversed(self.events) if each.scope in wanted and (not whats or each.what in whats)),
            None,
        )

    def _expire(self, now: datetime) -> None:
        for scope, alive in [*self._alive.items()]:
            if alive.cookie.expires and alive.cookie.expires <= now:
                self._end(scope, "expired", "its age", alive.cookie.expires)

    def _end(
        self,
        scope: CookieScope,
        what: EventKind,
        by: str,
        until: datetime,
        sent: Sent | None = None,
        since: datetime | None = None,
    ) -> None:
        del self._alive[scope]
        self._note(what, by, scope, since or until, until, sent)

    def _note(
        self,
        what: EventKind,
        by: str,
        scope: CookieScope,
        since: datetime,
        until: datetime,
        sent: Sent | None = None,
        why: str = "",
    ) -> None:
        self.events.append(CookieEvent(what, by, scope, since, until, sent, why))
