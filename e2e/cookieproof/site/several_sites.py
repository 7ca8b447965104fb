"""Combines the first site with further ones: an identity provider, for example, or the site of a frame."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cookieproof.clock.clock import Clock
from cookieproof.clock.moves import Move, Offset
from cookieproof.cookies.exchange import Exchange
from cookieproof.cookies.timeline import Event
from cookieproof.errors import CookieproofError
from cookieproof.site.app_info import AppInfo
from cookieproof.site.site import Secure, Site
from cookieproof.site.site_spec import SiteSpec

if TYPE_CHECKING:
    from cookieproof.site.site import MakeSite


class SeveralSites(Site):
    """The first site, and further sites that visitors visit under their own hosts, as one test sees them.

    Each is recorded, checked and ended as the first is. ``restart``, ``log`` and ``app_info`` are the first site's;
    ``sites`` has the others.
    """

    def __init__(self, first: Site, others: Mapping[str, Site], clock: Clock) -> None:
        super().__init__(clock, first.recorder, first.recording)
        self._first, self._others = first, dict(others)
        self._all = (first, *self._others.values())
        self.host, self.only_host, self.can_restart = first.host, first.only_host, first.can_restart
        self.has_log = any(each.has_log for each in self._all)
        first.recording.set_other_sites(each.recording for each in self._others.values())

    @classmethod
    def asked_for(cls, spec: SiteSpec) -> MakeSite | None:
        """Return None: the harness combines the sites."""
        return None

    @property
    def sites(self) -> Mapping[str, Site]:
        return self._others

    @property
    def url(self) -> str:
        return self._first.url

    def at(self, host: str, *, https: bool | None = None) -> str:
        return self._of(host).at(host, https=https)

    def origin_of(self, url: str) -> str | None:
        others = (each.origin_of(url) for each in self._others.values())
        return next(filter(None, others), None) or self._first.origin_of(url)

    def _of(self, host: str) -> Site:
        """Return the site that visitors have under this host."""
        return next((each for each in self._others.values() if each.is_named(host)), self._first)

    @property
    def wire(self) -> Sequence[Exchange]:
        """The exchanges with all sites since the test began, in the order in which their answers began."""
        return [*heapq.merge(*(each.wire for each in self._all), key=lambda exchange: exchange.time)]

    @property
    def events(self) -> Sequence[Event]:
        return [event for each in self._all for event in each.events]

    def note(self, what: str, detail: str = "", visitor: int | None = None, **more: Any) -> None:
        self._first.note(what, detail, visitor, **more)

    def note_move(self, move: Move) -> None:
        self._first.note_move(move)

    @property
    def https(self) -> Secure:
        return self._first.https and Secure(self)

    @property
    def app_info(self) -> AppInfo:
        return self._first.app_info

    def check_host(self, host: str) -> None:
        self._of(host).check_host(host)

    def has_host(self, host: str) -> bool:
        return any(each.has_host(host) for each in self._all)

    def end(self) -> None:
        super().end()
        self.recording.set_other_sites(())
        for each in self._all:
            each.end()

    def check_clock(self, offsets: tuple[Offset, ...]) -> None:
        for each in self._all:
            each.check_clock(offsets)

    def await_exchanges(self) -> None:
        for each in self._all:
            each.await_exchanges()

    def tell_failure(self) -> str:
        return "\n".join(filter(None, [each.tell_failure() for each in self._all]))

    def tell_exposed(self) -> str:
        return "\n".join(filter(None, [each.tell_exposed() for each in self._all]))

    def restart(self, *, env: Mapping[str, str] | None = None, **config: Any) -> None:
        self._first.restart(env=env, **config)

    @property
    def log(self) -> str:
        return self._first.log

    @property
    def told_log(self) -> str:
        named = [f"\n--- {host} ---\n{each.log}" for host, each in self._others.items()]
        return "".join([self._first.log if self._first.has_log else "", *named])

    @property
    def death(self) -> str:
        return "\n".join(filter(None, [each.death for each in self._all]))

    def await_death(self) -> str:
        return self.death or next((death for each in self._all if (death := each.await_death())), "")

    @property
    def death_is_told(self) -> bool:
        return all(each.death_is_told for each in self._all if each.death)

    def tell_death(self, *, awaited: bool = False) -> str:
        deaths = [each.tell_death() for each in self._all]
        if awaited and not any(deaths):
            deaths = [each.tell_death(awaited=True) for each in self._all]
        return "\n".join(filter(None, deaths))  # all of them, since each is noted as told

    def _cannot(self, what: str) -> CookieproofError:
        return self._first._cannot(what)
