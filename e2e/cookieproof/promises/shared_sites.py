"""Decides which scenario runs share a site (hosts of one registrable domain), and notices when one spoils others."""

from __future__ import annotations

from collections.abc import Sequence

from cookieproof.cookies.eviction import COOKIES_PER_SITE
from cookieproof.cookies.exchange import Exchange
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.plan import Plan
from cookieproof.promises.scenario_run import ScenarioRun
from cookieproof.visitor.visitor import Visitor

MOST_HELD = 170  # cookies of a site; above 180 browsers evict the oldest (Chromium 30 of them at once)


class SharedSites:
    """Gives each run of a schedule its site, and finds runs that changed cookies of others at the same site."""

    def __init__(self, runs: Sequence[ScenarioRun], visitor: Visitor, plan: Plan) -> None:
        self._runs, self._visitor, self._plan = runs, visitor, plan
        self._runs_of: dict[Lifetime, list[ScenarioRun]] = {}  # the runs of one lifetime set the same cookies
        for each in runs:
            self._runs_of.setdefault(each.lifetime, []).append(each)
        self._site_number = 0  # the last site for lifetimes that share one
        self._spoiled: set[int] = set()  # sites where a run changed cookies of other hosts, or with too many cookies
        self._site_wide_names: set[tuple[int, str]] = set()  # of each cookie that is set for the whole site
        self._elsewhere: set[Lifetime] = set()  # lifetimes that visited other hosts
        self._counted = len(visitor.wire)  # how many exchanges have been assigned, or were there before
        self._before: ScenarioRun | None = None  # the run that took the last step
        self._only = runs[0] if len(runs) == 1 else None  # the only run of the profile, if there is only one
        self._by_host = {each.lifetime.host: each for each in runs if each.lifetime.host}

    def assign(self, run: ScenarioRun) -> None:
        """Give a run its site, before its first step."""
        if not run.site_number:
            run.use_site(self.site_number_for(run))
            self._by_host[run.host] = run

    def site_number_for(self, run: ScenarioRun) -> int:
        """Return the number of a site that has room for the run's cookies; a new site's, if it must be kept apart."""
        is_apart = run.lifetime in self._plan.apart
        room = COOKIES_PER_SITE - self._room_for(run)
        if is_apart or not self._site_number or self._held_in(self._site_number) > room:
            site_number = self._plan.new_site_number()
            if is_apart:
                return site_number
            self._site_number = site_number
        return self._site_number

    def _held_in(self, site_number: int) -> int:
        """Return how many cookies the hosts of a site hold, or soon will."""
        return sum(self._room_for(run) for run in self._runs if run.site_number == site_number)

    def _room_for(self, run: ScenarioRun) -> int:
        alike = self._runs_of[run.lifetime]
        return max(1, self._plan.room.get(run.lifetime, 0), *(len(each.cookie_names) for each in alike))

    def assign_exchanges(self, run: ScenarioRun) -> None:
        """Add each new exchange to the run of its host, and note the ones that change cookies of other hosts."""
        wire = self._visitor.wire
        new, self._counted = wire[self._counted :], len(wire)
        for exchange in new:
            at_home = self._by_host.get(exchange.host)
            if self._only and self._only.lifetime.host:  # the run owns all hosts
                at_home = self._only
            if at_home:
                at_home.note_exchange(exchange)
            # A page that was left may still have sent a request, which is counted for its own run.
            who = at_home if at_home and at_home is self._before else run
            is_near = f".{exchange.host}".endswith(f".{who.site}") and not exchange.host.endswith(f".{who.host}")
            if affects_other_hosts(exchange, who.site) or (is_near and exchange.host != who.host):
                self._note_reach(who)
            if not self._only and not f".{exchange.host}".endswith(f".{who.site}"):
                self._note_elsewhere(exchange, who)
        self._before = run
        self._check_cookie_count(run)

    def notice_held(self, run: ScenarioRun, held: Sequence[StoredCookie]) -> None:
        """Note the cookies that are held at a run's host; scripts may have set some, which no exchange shows.

        A cookie of the whole site is taken to be set by the run where it is first seen.
        """
        run.note_names(held)
        self._check_cookie_count(run)
        for cookie in held:
            if f".{run.site}" == cookie.domain and (run.site_number, cookie.name) not in self._site_wide_names:
                self._site_wide_names.add((run.site_number, cookie.name))
                self._note_reach(run)

    def _note_elsewhere(self, exchange: Exchange, run: ScenarioRun) -> None:
        """Note that a run has visited a host outside its site that uses cookies, such as an identity provider.

        All runs would share that host's cookies, so each then needs a profile of its own.
        """
        if exchange.set_cookies or exchange.cookies:
            self._plan.need_profiles(run.lifetime)
            self._elsewhere.add(run.lifetime)

    def _check_cookie_count(self, run: ScenarioRun) -> None:
        if self._held_in(run.site_number) > MOST_HELD:
            for each in self._runs:
                if each.site_number == run.site_number:
                    self._plan.need_room(each.lifetime, self._room_for(each))
            self._spoiled.add(run.site_number)

    def _note_reach(self, run: ScenarioRun) -> None:
        self._plan.keep_apart(run.lifetime)
        self._spoiled.add(run.site_number)

    def spoiled_lifetimes(self) -> set[Lifetime]:
        """Return the lifetimes with a run at a spoiled site, and those that visited a host outside their site."""
        shared = [
            site_number
            for site_number in self._spoiled
            if sum(each.site_number == site_number for each in self._runs) > 1
        ]
        return {run.lifetime for run in self._runs if run.site_number in shared} | self._elsewhere


def affects_other_hosts(exchange: Exchange, site: str) -> bool:
    """Return whether a response changes cookies of other hosts of its site, by Clear-Site-Data or Domain."""
    return exchange.clears_cookies or any(
        (cookie.domain(exchange.host) or "").startswith(".") and f".{site}".endswith(cookie.domain(exchange.host) or "")
        for cookie in exchange.set_cookies
    )
