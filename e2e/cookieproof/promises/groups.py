"""Which scenarios share a site (hosts under one registrable domain), and what spoils that for them."""

from __future__ import annotations

from collections.abc import Sequence

from cookieproof.cookies.exchange import Exchange
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.plan import Plan
from cookieproof.promises.scenario import Scenario
from cookieproof.visitor.visitor import Visitor

# Browsers keep 180 cookies of a site, and then forget the oldest (Chromium 30 of them at once).
ROOM, MOST_HELD = 150, 170


class Groups:
    """The scenarios of one schedule, each at the site of its group."""

    def __init__(self, scenarios: Sequence[Scenario], visitor: Visitor, plan: Plan) -> None:
        self._scenarios, self._visitor, self._plan = scenarios, visitor, plan
        self._group = 0  # the last that was begun for lifetimes that share one
        self._spoiled: set[int] = set()  # groups in which one reached beyond its own host, or that are crowded
        self._wide: set[tuple[int, str]] = set()  # names of cookies that a group's whole site holds
        self._elsewhere: set[Lifetime] = set()  # those that have been to a host that all share
        self._counted = 0  # exchanges that have been handed out
        self._before: Scenario | None = None  # which took the last step
        self._only = scenarios[0] if len(scenarios) == 1 else None  # which has the profile to itself
        self._by_host = {each.lifetime.host: each for each in scenarios if each.lifetime.host}

    def assign(self, scenario: Scenario) -> None:
        """Give a scenario its group, before its first step."""
        if not scenario.group:
            scenario.join(self.group_for(scenario))
            self._by_host[scenario.host] = scenario

    def group_for(self, scenario: Scenario) -> int:
        """The group at whose site all its cookies find room; one of its own for what reaches beyond its own host."""
        is_apart = scenario.lifetime in self._plan.apart
        room = ROOM - self._room_for(scenario)
        if is_apart or not self._group or self._held_in(self._group) > room:
            group = self._plan.new_group()
            if is_apart:
                return group
            self._group = group
        return self._group

    def _held_in(self, group: int) -> int:
        """How many cookies the hosts of a group hold, or soon will."""
        return sum(self._room_for(scenario) for scenario in self._scenarios if scenario.group == group)

    def _room_for(self, scenario: Scenario) -> int:
        alike = [each for each in self._scenarios if each.lifetime == scenario.lifetime]
        return max(1, self._plan.most.get(scenario.lifetime, 0), *(len(each.cookie_names) for each in alike))

    def hand_out(self, scenario: Scenario) -> None:
        """Give each new exchange to the scenario at whose host it was, and notice what reaches further."""
        wire = self._visitor.wire
        new, self._counted = wire[self._counted :], len(wire)
        for exchange in new:
            at_home = self._by_host.get(exchange.host)
            if self._only and self._only.lifetime.host:  # whatever hosts it may lead to
                at_home = self._only
            if at_home:
                at_home.note_exchange(exchange)
            # What the page before has sent as it was left is its own affair.
            who = at_home if at_home and at_home is self._before else scenario
            is_near = f".{exchange.host}".endswith(f".{who.site}") and not exchange.host.endswith(f".{who.host}")
            if reaches_out(exchange, who.site) or (is_near and exchange.host != who.host):
                self._note_reach(who)
            if not self._only and not f".{exchange.host}".endswith(f".{who.site}"):
                self._note_elsewhere(exchange, who)
        self._before = scenario
        self._note_crowd(scenario)

    def notice_held(self, scenario: Scenario, held: Sequence[StoredCookie]) -> None:
        """What a script has set is on no wire. A cookie of the whole site: whoever sees it first has set it."""
        scenario.note_names(held)
        self._note_crowd(scenario)
        for cookie in held:
            if f".{scenario.site}" == cookie.domain and (scenario.group, cookie.name) not in self._wide:
                self._wide.add((scenario.group, cookie.name))
                self._note_reach(scenario)

    def _note_elsewhere(self, exchange: Exchange, scenario: Scenario) -> None:
        """A host that all share, such as one for signing in: what it knows of the browser is known to all scenarios."""
        if exchange.set_cookies or exchange.cookies:
            self._plan.need_profiles(scenario.lifetime)
            self._elsewhere.add(scenario.lifetime)

    def _note_crowd(self, scenario: Scenario) -> None:
        if self._held_in(scenario.group) > MOST_HELD:
            for each in self._scenarios:
                if each.group == scenario.group:
                    self._plan.need_room(each.lifetime, self._room_for(each))
            self._spoiled.add(scenario.group)

    def _note_reach(self, scenario: Scenario) -> None:
        self._plan.keep_apart(scenario.lifetime)
        self._spoiled.add(scenario.group)

    def spoiled_lifetimes(self) -> set[Lifetime]:
        """Those of which a scenario shared its site, or a host elsewhere, with one that spoiled it."""
        shared = [group for group in self._spoiled if sum(each.group == group for each in self._scenarios) > 1]
        return {scenario.lifetime for scenario in self._scenarios if scenario.group in shared} | self._elsewhere


def reaches_out(exchange: Exchange, site: str) -> bool:
    """Whether an answer changes cookies of other hosts of its site: all of them, or by Domain."""
    return exchange.clears_cookies or any(
        (cookie.domain(exchange.host) or "").startswith(".") and f".{site}".endswith(cookie.domain(exchange.host) or "")
        for cookie in exchange.set_cookies
    )
