"""One way along the clock for any number of scenarios.

The schedule does what is due, asks for many cookies at once, restarts the browser when all scenarios wait for it, and
else moves the clock to whatever comes first.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from cookieproof.browser.pages import DoesNotAnswer
from cookieproof.clock.clock import Clock
from cookieproof.cookies import timeline
from cookieproof.cookies.timeline import MOVED, Event
from cookieproof.errors import CookieproofError
from cookieproof.promises.course import Course
from cookieproof.promises.groups import Groups
from cookieproof.promises.lifetimes import Lifetime, Step
from cookieproof.promises.plan import Plan
from cookieproof.promises.scenario import BEFORE, Scenario
from cookieproof.promises.scenarios import courses_of
from cookieproof.promises.steps import Answer, Ask, Restart, Stranger, Take, Visit
from cookieproof.promises.taking import SiteDied, Taking
from cookieproof.promises.verdict import Verdict, verdict_on
from cookieproof.visitor.visitor import Visitor
from cookieproof.words import printable, shown

# What is due within so short a time waits for the last of it: one move of the clock, one question.
TOGETHER = timedelta(seconds=3)


class Schedule:
    """One way through all scenarios."""

    def __init__(
        self,
        lifetimes: dict[Lifetime, int],
        visitor: Visitor,
        clock: Clock,
        plan: Plan,
        course: Course | None = None,
    ) -> None:
        """``lifetimes`` have a number each; ``course`` is the only one to be run, if one is named."""
        self.lifetimes, self.visitor, self.clock, self.plan = lifetimes, visitor, clock, plan
        self.scenarios: list[Scenario] = []
        # What lasts longest is set first, so that nothing ends before the restart.
        for lifetime in sorted(lifetimes, key=_longest_first):
            chosen = [course] if course else courses_of(lifetime, moves_clock=plan.moves_clock, courses=plan.courses)
            self.scenarios += [Scenario(lifetime, each, lifetimes[lifetime], visitor) for each in chosen]
        self._taking = Taking(visitor, plan.new_visitor, plan.failures)
        self._groups = Groups(self.scenarios, visitor, plan)

    def run(self) -> None:
        self.visitor.lives.require_full_browser()
        self.visitor.site.check_host(self.scenarios[0].host)
        while waiting := [scenario for scenario in self.scenarios if scenario.need]:
            try:
                self._go_on(waiting)
            except DoesNotAnswer as error:
                if not (whose := self._taking.give_up()):
                    raise
                self._groups.hand_out(whose)
                self._end_all_of(whose, error.what)
            except CookieproofError:
                if self.visitor.site.await_death():
                    raise SiteDied(waiting[0]) from None
                raise

    def _go_on(self, waiting: Sequence[Scenario]) -> None:
        """Do what is due, or wait for what comes first."""
        now = self.clock.now()
        due = [each for each in waiting if not isinstance(each.need, Restart) and (each.due or now) <= now]
        asking = [each for each in due if isinstance(each.need, Ask)]
        doing = [each for each in due if isinstance(each.need, Take | Stranger)]
        moments = [each.due for each in waiting if each.due]
        # At an edge nobody waits for what takes long; before the restart all is set, and then asked for at once.
        if asking and (moments or not doing):
            self._ask(asking)
        elif doing:
            self._take(min(doing, key=lambda each: each.end))
        elif moments:
            self._taking.leave()
            self.clock.reach(max(moment for moment in moments if moment <= min(moments) + TOGETHER))
        else:
            self._restart(waiting)

    def _restart(self, scenarios: Sequence[Scenario]) -> None:
        if any(scenario.exchanges for scenario in self.scenarios):  # else nobody has been anywhere
            self._taking.leave()
            self.visitor.restart()
            for scenario in scenarios:
                scenario.note_seen(self.clock.now(), "the browser was closed and opened again")
        for scenario in scenarios:
            scenario.go_on()

    def _ask(self, scenarios: Sequence[Scenario]) -> None:
        for origin in {scenario.origin: None for scenario in scenarios}:
            those = [scenario for scenario in scenarios if scenario.origin == origin]
            urls = [scenario.url(scenario.lifetime.path) for scenario in those]
            found = self.visitor.sent_cookies.ask(self.visitor.page, urls, origin)
            now = self.clock.now()
            for scenario, pairs in zip(those, found, strict=True):
                answer, path = Answer(scenario.lifetime.name in dict(pairs), now), printable(scenario.lifetime.path)
                scenario.note_seen(now, f"{'sent' if answer.sent else 'not sent'} to {path}")
                scenario.go_on(answer)

    def _take(self, scenario: Scenario) -> None:
        """Take the next step of a scenario."""
        if isinstance(scenario.need, Stranger):
            scenario.go_on(self._taking.given_to_a_stranger(scenario, scenario.need.path))
            return
        assert isinstance(scenario.need, Take)
        need, before = scenario.need, len(scenario.exchanges)
        self._groups.assign(scenario)
        if callable(need.step):
            seen = self._taking.call(scenario, need.step)
            if seen.problem and not need.may_fail:
                self._end_all_of(scenario, seen.problem, need.step)
        else:
            seen = self._taking.visit(scenario, need.step, need.shows)
        self._groups.hand_out(scenario)
        self._notice_https(scenario, before)
        if scenario.need:
            there = self.visitor.store.held_at(scenario.url(scenario.lifetime.path))
            self._groups.notice_held(scenario, there)
            held = [cookie for cookie in there if cookie.name == scenario.lifetime.name]
            visit = Visit(
                **vars(seen),
                time=self.clock.now(),
                exchanges=tuple(scenario.exchanges[before:]),
                held=held[0] if held else None,
            )
            scenario.done(visit)

    def _end_all_of(self, scenario: Scenario, problem: str, step: Step | None = None) -> None:
        """What has failed would fail in the scenarios of its lifetime too that wait for the step, or all."""
        scenario.fail(problem)
        for other in self.scenarios:
            if other.lifetime == scenario.lifetime and other.need and step in (None, other.step):
                other.need_nothing_more()

    def _notice_https(self, scenario: Scenario, before: int) -> None:
        """Whether the app has now led to https what began on http. The lifetime's other scenarios begin there."""
        on_http = [exchange for exchange in scenario.exchanges[before:] if exchange.scheme == "http"]
        led_to = [self.visitor.site.origin_of(exchange.location or "") or "" for exchange in on_http]
        if any(urlsplit(each)[:1] == ("https",) and urlsplit(each).hostname == scenario.host for each in led_to):
            for each in self.scenarios:
                if each.lifetime == scenario.lifetime:
                    each.use_https()

    # --- verdicts

    def verdicts(self) -> dict[Lifetime, Verdict]:
        """Those on all lifetimes but what was spoiled."""
        spoiled = self._groups.spoiled_lifetimes() | self._doubted()
        return {lifetime: self._verdict(lifetime) for lifetime in self.lifetimes if lifetime not in spoiled}

    def _doubted(self) -> set[Lifetime]:
        """Those that the server ended: one that knows a person in one browser at a time ends them by our own doing."""
        if len(self.scenarios) == 1:
            return set()
        # The last to sign in may be of another lifetime of that person: who is shown at all tells that it can be.
        shown_once = {scenario.lifetime.shows for scenario in self.scenarios if scenario.seen_shown}
        ended = {each.lifetime for each in self.scenarios if each.failure and each.by_the_server}
        doubted = {each for each in ended if each.shows in shown_once} - self.plan.profiles.keys()
        failed = [each for each in self.scenarios if each.failure]
        for lifetime in doubted:
            self.plan.need_profiles(lifetime, [each.course for each in failed if each.lifetime == lifetime])
        return doubted

    def _verdict(self, lifetime: Lifetime) -> Verdict:
        scenarios = [scenario for scenario in self.scenarios if scenario.lifetime == lifetime]
        return verdict_on(scenarios, self.picture(lifetime, {scenario.host for scenario in scenarios}))

    def picture(self, lifetime: Lifetime, hosts: set[str]) -> dict[str, Any]:
        """What became of this cookie at its hosts, for the report."""
        site = self.visitor.site
        exchanges = [exchange for exchange in self.visitor.wire if exchange.host in hosts]
        events = [
            event
            for event in site.events
            if event.visitor == self.visitor.number and (not event.host or event.host in hosts)
        ]
        times = sorted([*(each.time for each in exchanges), *(each.time for each in events)])
        moves = [
            Event(before + (after - before) / 2, MOVED, timeline.in_words(after - before))
            for before, after in itertools.pairwise(times)
            if after - before > BEFORE
        ]
        drawn = timeline.draw([*events, *moves], exchanges)
        return {**drawn, "lanes": [lane for lane in drawn["lanes"] if lane["name"] == shown(lifetime.name)]}


def _longest_first(lifetime: Lifetime) -> timedelta:
    return -lifetime.lasts if isinstance(lifetime.lasts, timedelta) else timedelta.min
