"""Draws the report's timeline: exchanges and events of one test in columns, each cookie in a lane, as plain data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.cookies.lanes import Lane, StorageLane
from cookieproof.cookies.refusals import refusal
from cookieproof.cookies.storage import StorageChange
from cookieproof.words import MICROSECOND, printable, shown

MOST_COLUMNS, MOST_LANES = 120, 30
MOVED = "clock moved"


@dataclass(frozen=True)
class Event:
    """Something that happened and that no exchange shows; ``time`` is the site's clock, ``visitor`` a visitor's number.

    ``cookies`` are the names that a probe saw sent to the path ``detail`` of ``host``; None for any other event.
    ``storage`` are the changes in storages of ``host`` that a snapshot found.
    """

    time: datetime
    what: str
    detail: str = ""
    visitor: int | None = None
    host: str = ""
    cookies: tuple[str, ...] | None = None
    storage: tuple[StorageChange, ...] = ()


def in_words(move: timedelta) -> str:
    """Return by how much the clock was moved, as the timeline shows it: ``+6 d 23:59:52``."""
    days, seconds = divmod((move // MICROSECOND + 500_000) // 1_000_000, 86400)
    return f"+{f'{days} d ' if days else ''}{timedelta(seconds=seconds)}"


def draw(events: Iterable[Event], wire: Iterable[Exchange]) -> dict[str, Any]:
    """Return the timeline as plain data: ``columns`` (label, kind, time) and ``lanes`` (who, name, where, bars, marks).

    A bar is ``[first column, last column, kind]``, of the kinds session, age and kept (in a storage, until a page
    removes it); a mark ``[column, kind, why]``, of the kinds set, sent, refused, expired, deleted and ended.
    """
    picture = _Picture()
    moments: list[Event | Exchange] = [*events, *wire]
    for moment in sorted(moments, key=lambda each: each.time):
        is_part_of_a_page = isinstance(moment, Exchange) and "." in moment.path and not moment.set_cookies
        if not is_part_of_a_page and len(picture.columns) < MOST_COLUMNS:
            picture.add(moment)
    return picture.as_data()


class _Picture:
    def __init__(self) -> None:
        self.columns: list[dict[str, str]] = []
        self.lanes: list[Lane] = []
        self._last: object = None

    def add(self, moment: Event | Exchange) -> None:
        seen = self._column(moment)
        for lane in self._living(lambda lane: lane.expires is not None and lane.expires <= moment.time):
            lane.mark(seen, "expired", f"expired at {lane.expires:%Y-%m-%d %H:%M:%S} UTC")
            lane.end(seen)
        if isinstance(moment, Exchange):
            self._sent(seen, moment.visitor, moment.host, moment.path, moment.cookies.keys())
            for cookie in moment.set_cookies:
                self._set(seen, moment, cookie)
        elif moment.cookies is not None:
            self._sent(seen, moment.visitor, moment.host, moment.detail, moment.cookies)
        elif moment.storage:
            for change in moment.storage:
                StorageLane.of(self.lanes, moment.visitor, moment.host, change).change(seen, change)
        elif moment.what in ("browser closed", "browser crashed"):
            for lane in self._living(lambda lane: lane.visitor == moment.visitor and lane.ends_with_the_browser):
                lane.mark(seen, "ended", f"ended: {moment.what}")
                lane.end(seen)

    def _column(self, moment: Event | Exchange) -> int:
        """Return the column of the moment: a new one, or the last one if both would look the same."""
        if isinstance(moment, Exchange):
            label, kind = f"{moment.method} {moment.path}", "visit" if moment.status < 500 else "error"
            alike: object = (moment.visitor, moment.host, moment.cookie) if not moment.set_cookies else moment
        else:
            label = moment.detail if moment.what == MOVED else f"{moment.what} {moment.detail}".strip()
            kind, alike = (
                moment.what.rpartition(" ")[2],
                (moment.what, moment.detail, moment.visitor, moment.cookies, moment.storage),
            )
        if alike == self._last:
            column = self.columns[-1]
            column["more"] = str(int(column.get("more", "0")) + 1)
        else:
            time = f"{moment.time:%Y-%m-%d %H:%M:%S} UTC"
            self.columns.append({"label": printable(label), "kind": kind, "time": time})
        self._last = alike
        return len(self.columns) - 1

    def _living(self, condition: Any) -> list[Lane]:
        return [lane for lane in self.lanes if lane.lives and condition(lane)]

    def _sent(self, column: int, visitor: int | None, host: str, path: str, names: Iterable[str]) -> None:
        names = set(names)
        mine = [lane for lane in self.lanes if lane.visitor == visitor and lane.is_for(host, path)]
        for lane in mine:
            if lane.lives and lane.name not in names and not lane.was_sent:
                lane.mark(lane.bars[-1][0], "refused", f"{lane.marks[-1][2]}, not sent at the next request")
                lane.end(lane.bars[-1][0])
        for name in sorted(names):
            lanes = [lane for lane in mine if lane.name == name]
            alive = [lane for lane in lanes if lane.lives]
            if not alive:  # set by a script, or held for longer than the Set-Cookie says
                alive = lanes[-1:] or [self._lane(visitor, name, host, "/")]
                alive[0].begin(column)
            for lane in alive:
                lane.send(column)

    def _set(self, column: int, exchange: Exchange, cookie: SetCookie) -> None:
        domain = cookie.domain(exchange.host) or exchange.host
        lane = self._lane(exchange.visitor, cookie.name, domain, cookie.path(exchange.path), cookie.is_partitioned)
        if why := refusal(exchange, cookie):  # what the browser held before lives on
            lane.mark(column, "refused", f"{cookie}, refused: {why}")
            return
        expires = cookie.held_until(exchange.time)
        if expires and expires <= exchange.time:
            lane.mark(column, "deleted", str(cookie))
            if lane.lives:
                lane.end(column)
            return
        lane.set(column, expires, str(cookie))

    def _lane(self, visitor: int | None, name: str, domain: str, path: str, partitioned: bool = False) -> Lane:
        key = (visitor, name, domain, path, partitioned)
        for lane in self.lanes:
            if (lane.visitor, lane.name, lane.domain, lane.path, lane.partitioned) == key:
                return lane
        self.lanes.append(Lane(*key))
        return self.lanes[-1]

    def as_data(self) -> dict[str, Any]:
        for lane in self._living(lambda _: True):
            lane.last_until(len(self.columns) - 1)
        # Visitors are numbered through the whole run; in a test's timeline they start at 1.
        numbers = {lane.visitor for lane in self.lanes if lane.visitor}
        nicknames = {number: f"visitor {place}" for place, number in enumerate(sorted(numbers), start=1)}
        lanes = [
            {
                "who": nicknames.get(lane.visitor or 0, "page"),
                "name": shown(lane.name),
                "where": printable(f"{lane.domain}{lane.path}{', partitioned' if lane.partitioned else ''}"),
                "bars": lane.bars,
                "marks": lane.marks,
            }
            for lane in sorted(self.lanes, key=lambda lane: lane.visitor or 0)
        ]
        return {"columns": self.columns, "lanes": lanes[:MOST_LANES]}
