"""Proves any number of lifetimes in two lives of one visitor and one way along the clock.

Each lifetime is proven by a few scenarios, each at a host of its own. The schedule does what is
due, asks for many cookies at once, restarts the browser when all scenarios wait for it, and else
moves the clock to whatever comes first.
"""

from __future__ import annotations

import contextlib
import itertools
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from cookieproof.browser import pages
from cookieproof.browser.pages import VisitFailed
from cookieproof.clock.clock import Clock
from cookieproof.cookies import timeline
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.cookies.timeline import MOVED, Event
from cookieproof.errors import CookieproofError
from cookieproof.promises.lifetimes import WITH_THE_BROWSER, Lifetime, in_words
from cookieproof.promises.scenario import (
    BEFORE,
    Answer,
    Ask,
    Restart,
    Scenario,
    Seen,
    Stranger,
    Take,
    Visit,
    reaches_out,
    told,
)
from cookieproof.promises.scenarios import courses
from cookieproof.visitor.visitor import Visitor
from cookieproof.words import printable, shown

if TYPE_CHECKING:
    from playwright.sync_api import Response

# What is due within so short a time waits for the last of it: one move of the clock, one question.
TOGETHER = timedelta(seconds=3)
# Browsers keep 180 cookies of a site, and then forget the oldest (Chromium 30 of them at once).
ROOM, MOST_HELD = 150, 170
MOST_FRAMES = 3
REST_SECONDS = 20.0
KNOWS_ITS_HOST = (
    "It knows its own host alone: have it answer to *.localhost too (TRUSTED_HOSTS, no SERVER_NAME and no "
    'SESSION_COOKIE_DOMAIN), or declare host="{host}", by which each scenario gets a profile to itself'
)


@dataclass(frozen=True)
class Verdict:
    """What became of one lifetime: the failure's text, or why it was not run, and the report's picture."""

    outcome: Literal["kept", "broken", "not run"]
    text: str = ""
    timeline: dict[str, Any] | None = None


class Spoiled(Exception):
    """A lifetime that ended the browser or the site for all, and the failure's text."""


def prove(
    lifetimes: Sequence[Lifetime],
    new_visitor: Callable[[], Visitor],
    clock: Clock,
    no_clock: str = "",
    first: int = 1,
    failures: tuple[type[BaseException], ...] = (Exception,),
) -> dict[Lifetime, Verdict]:
    """The verdicts on all lifetimes.

    ``no_clock`` says why the clock cannot be moved, if it cannot. ``first`` is the first lifetime's number, after which
    its hosts are named. ``failures`` are what a step that is a function may raise to say that it failed.
    """
    lifetimes = list(dict.fromkeys(lifetimes))
    verdicts = {each: Verdict("not run", no_clock) for each in lifetimes if no_clock and each.lasts != WITH_THE_BROWSER}
    numbers = {lifetime: number for number, lifetime in enumerate(lifetimes, start=first)}
    plan = Plan(moves_clock=not no_clock, failures=failures)
    for lifetime in [each for each in lifetimes if each.host and each not in verdicts]:
        verdicts[lifetime] = _with_profiles(lifetime, numbers, new_visitor, clock, plan)
    while left := [lifetime for lifetime in lifetimes if lifetime not in verdicts]:
        schedule = Schedule({each: numbers[each] for each in left}, new_visitor(), clock, plan)
        try:
            schedule.run()
            verdicts |= schedule.verdicts()
        except Spoiled as spoiled:
            # With the browser the others' cookies are gone too: they begin anew, without the one that ended it.
            culprit, text = spoiled.args
            verdicts[culprit] = Verdict("broken", text)
            if schedule.visitor.site.death:
                schedule.visitor.site.restart()
        if len(verdicts) < len(lifetimes):
            schedule.visitor.crash()
    return verdicts


@dataclass
class Plan:
    """What is known before a schedule begins; each that is spoiled tells more.

    ``apart`` are the lifetimes that reach beyond their own hosts, ``most`` is how many cookies a
    host is to have room for, ``groups`` how many sites have been used up, ``failures`` what a
    step raises that fails.
    """

    moves_clock: bool
    apart: set[Lifetime] = field(default_factory=set)
    most: int = 1
    groups: int = 0
    failures: tuple[type[BaseException], ...] = (Exception,)


def _with_profiles(
    lifetime: Lifetime, numbers: dict[Lifetime, int], new_visitor: Callable[[], Visitor], clock: Clock, plan: Plan
) -> Verdict:
    """The verdict on one whose site knows its own hosts alone: a visitor for each scenario, one after the other."""
    scenarios: list[Scenario] = []
    picture: dict[str, Any] = {}
    for course in courses(lifetime, moves_clock=plan.moves_clock):
        schedule = Schedule({lifetime: numbers[lifetime]}, new_visitor(), clock, plan, course)
        try:
            schedule.run()
        except Spoiled as spoiled:
            if schedule.visitor.site.death:
                schedule.visitor.site.restart()
            schedule.visitor.crash()
            return Verdict("broken", spoiled.args[1])
        scenarios += schedule.scenarios
        picture = schedule.picture(lifetime, {lifetime.host or ""})
        schedule.visitor.crash()
        if schedule.scenarios[0].failure:
            break
    text = told(scenarios)
    return Verdict("broken" if text else "kept", text, picture)


class Schedule:
    """One way through all scenarios."""

    def __init__(
        self,
        lifetimes: dict[Lifetime, int],
        visitor: Visitor,
        clock: Clock,
        plan: Plan,
        course: Callable[..., Any] | None = None,
    ) -> None:
        """``lifetimes`` have a number each; ``course`` is the only one to be run, if one is named."""
        self.lifetimes, self.visitor, self.clock, self.plan = lifetimes, visitor, clock, plan
        self.scenarios: list[Scenario] = []
        self._group = 0  # the last that was begun for lifetimes that share one
        self._spoiled: set[int] = set()  # groups in which one reached beyond its own host, or that are crowded
        self._wide: set[tuple[int, str]] = set()  # names of cookies that a group's whole site holds
        self._counted = 0  # exchanges that have been handed out
        self._before: Scenario | None = None  # which took the last step
        self._response: Response | None = None  # by which the page came that was visited last
        self._drawn: dict[Lifetime, float] = {}  # how many seconds after its rest a page showed what it is to show
        self._at_page = False  # whether the visitor's page may be one of the site's
        # What lasts longest is set first, so that nothing ends before the restart.
        for lifetime in sorted(lifetimes, key=_longest_first):
            chosen = [course] if course else courses(lifetime, moves_clock=plan.moves_clock)
            self.scenarios += [Scenario(lifetime, each, lifetimes[lifetime], visitor) for each in chosen]
        self._by_host = {each.lifetime.host: each for each in self.scenarios if each.lifetime.host}

    def run(self) -> None:
        self.visitor.lives.require_full_browser()
        self.visitor.site.facts.check_trust(self.scenarios[0].host)
        while waiting := [scenario for scenario in self.scenarios if scenario.need]:
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
                self._leave()
                self.clock.reach(max(moment for moment in moments if moment <= min(moments) + TOGETHER))
            else:
                self._restart(waiting)

    def _restart(self, scenarios: Sequence[Scenario]) -> None:
        self._leave()
        self.visitor.restart()
        for scenario in scenarios:
            scenario.seen.append((self.clock.now(), "the browser was closed and opened again"))
            scenario.go_on()

    def _ask(self, scenarios: Sequence[Scenario]) -> None:
        for origin in {scenario.origin: None for scenario in scenarios}:
            those = [scenario for scenario in scenarios if scenario.origin == origin]
            found = self.visitor.ask([scenario.url(scenario.lifetime.path) for scenario in those], origin)
            now = self.clock.now()
            for scenario, pairs in zip(those, found, strict=True):
                answer, path = Answer(scenario.lifetime.name in dict(pairs), now), printable(scenario.lifetime.path)
                scenario.seen.append((now, f"{'sent' if answer.sent else 'not sent'} to {path}"))
                scenario.go_on(answer)

    def _take(self, scenario: Scenario) -> None:
        """Take the next step of a scenario."""
        if isinstance(scenario.need, Stranger):
            scenario.go_on(self._given_to_a_stranger(scenario, scenario.need.path))
            return
        assert isinstance(scenario.need, Take)
        need, before = scenario.need, len(scenario.exchanges)
        if not scenario.group:
            scenario.group = self._group_for(scenario)
            self._by_host[scenario.host] = scenario
        if callable(need.step):
            seen = self._call(scenario, need.step, may_fail=need.may_fail)
        else:
            seen = self._visit(scenario, need.step, need.shows)
        self._hand_out(scenario)
        self._notice_https(scenario, before)
        if scenario.need:
            there = self.visitor.store.held_at(scenario.url(scenario.lifetime.path))
            self._notice_wide_cookies(scenario, there)
            held = [cookie for cookie in there if cookie.name == scenario.lifetime.name]
            visit = Visit(
                **vars(seen),
                time=self.clock.now(),
                exchanges=tuple(scenario.exchanges[before:]),
                held=held[0] if held else None,
            )
            scenario.done(visit)

    def _given_to_a_stranger(self, scenario: Scenario, path: str) -> set[str]:
        """Which values the scenario's cookie has after a visit to the path at a host where nobody has been."""
        if scenario.lifetime.host:
            return set()  # there is no other host
        self._leave()
        url = self.visitor.site.at(f"stranger-to-{scenario.host}", https=scenario.https) + path
        self._at_page, self._response = True, None
        with contextlib.suppress(CookieproofError):
            self.visitor.visit(url)
            self.visitor.rest.wait(REST_SECONDS)
        held = self.visitor.store.held_at(url)
        self._counted = len(self.visitor.wire)  # it is no scenario's
        return {cookie.value for cookie in held if cookie.name == scenario.lifetime.name and cookie.value}

    # --- which site a lifetime lives at

    def _group_for(self, scenario: Scenario) -> int:
        """The group at whose site all its cookies find room; one of its own for what reaches beyond its own host."""
        is_apart = scenario.lifetime in self.plan.apart
        room = ROOM - max(self.plan.most, *(len(each.cookie_names) for each in self.scenarios))
        if is_apart or not self._group or self._held_in(self._group) > room:
            self.plan.groups += 1
            if is_apart:
                return self.plan.groups
            self._group = self.plan.groups
        return self._group

    def _held_in(self, group: int) -> int:
        """How many cookies the hosts of a group hold, or soon will."""
        return sum(
            max(self.plan.most, len(scenario.cookie_names)) for scenario in self.scenarios if scenario.group == group
        )

    def _hand_out(self, scenario: Scenario) -> None:
        """Give each new exchange to the scenario at whose host it was, and notice what reaches further."""
        wire = self.visitor.wire
        new, self._counted = wire[self._counted :], len(wire)
        for exchange in new:
            at_home = self._by_host.get(exchange.host)
            if at_home:
                at_home.exchanges.append(exchange)
            # What the page before has sent as it was left is its own affair.
            who = at_home if at_home and at_home is self._before else scenario
            is_near = f".{exchange.host}".endswith(f".{who.site}") and not exchange.host.endswith(f".{who.host}")
            if reaches_out(exchange, who.site) or (is_near and exchange.host != who.host):
                self._note_reach(who)
        self._before = scenario
        if self._held_in(scenario.group) > MOST_HELD:
            self.plan.most = max(self.plan.most, *(len(each.cookie_names) for each in self.scenarios))
            self._spoiled.add(scenario.group)

    def _notice_wide_cookies(self, scenario: Scenario, held: Sequence[StoredCookie]) -> None:
        """A cookie of the whole site's that a script has set is on no wire: whoever sees it first has set it."""
        for cookie in held:
            if f".{scenario.site}" == cookie.domain and (scenario.group, cookie.name) not in self._wide:
                self._wide.add((scenario.group, cookie.name))
                self._note_reach(scenario)

    def _note_reach(self, scenario: Scenario) -> None:
        self.plan.apart.add(scenario.lifetime)
        self._spoiled.add(scenario.group)

    def _spoiled_lifetimes(self) -> set[Lifetime]:
        """Those of which a scenario shared its site with one that reached beyond its own host, or crowded it."""
        shared = [group for group in self._spoiled if sum(each.group == group for each in self.scenarios) > 1]
        return {scenario.lifetime for scenario in self.scenarios if scenario.group in shared}

    # --- steps

    def _visit(self, scenario: Scenario, path: str, shows: bool | None) -> Seen:
        """Visit a path by a page, until it has come to rest, and look at what it shows if somebody is to."""
        from playwright.sync_api import Error

        if "#" in path:
            self.visitor.leave()  # else a visit to another fragment of the same page loads nothing
        self._at_page, self._response = True, None
        seen = Seen()
        try:
            response = self._response = self.visitor.visit(scenario.url(path))
            self.visitor.rest.wait(REST_SECONDS)
            seen.status = response.status if response else 0
            seen.problem = self._problem_of(scenario, path, response)
            if shows is not None and not seen.problem:
                assert scenario.lifetime.shows
                seen.shown = self._shown(scenario.lifetime, expected=shows)
                if shows and not seen.shown:
                    with contextlib.suppress(Error):  # a download, say
                        seen.document = response.text() if response else ""
        except VisitFailed as error:
            seen.problem = f"GET {printable(path)} did not load ({error.reason})"
        except (CookieproofError, Error) as error:
            if death := self.visitor.site.await_death():
                scenario.fail(death.removesuffix("."))
                raise Spoiled(scenario.lifetime, told([scenario])) from None
            seen.problem = str(error).strip().removesuffix(".")
        return seen

    def _shown(self, lifetime: Lifetime, *, expected: bool) -> bool:
        """Whether the page shows what the lifetime promises.

        If a script can, it may be drawn late: what is expected is waited for, and what is not for
        twice as long as it took when it was.
        """
        assert lifetime.shows
        seconds = pages.ANSWER_SECONDS if expected else 2 * self._drawn.get(lifetime, 0)
        began = time.monotonic()
        if seconds and self.visitor.rest.is_still():
            seconds = 0
        found = pages.shows(self.visitor.page, lifetime.shows, seconds=seconds)
        if found and seconds:
            self._drawn[lifetime] = max(self._drawn.get(lifetime, 0), time.monotonic() - began)
        return found

    def _problem_of(self, scenario: Scenario, path: str, response: Response | None) -> str:
        """Why a visit that has ended proves nothing; an empty text if it does."""
        site, url = self.visitor.site, urlsplit(self.visitor.page.url)
        asked, host = f"GET {printable(path)}", url.hostname or ""
        origin = site.origin_of(self.visitor.page.url)
        if origin and not f".{host}".endswith((f".{scenario.host}", f".{scenario.site}")):
            return f"{asked} led to {host}. {KNOWS_ITS_HOST.format(host=host)}"
        if not response or response.status < 400:
            return ""
        answered = f"answered {response.status}"
        where = urlsplit(response.url).path
        if where != urlsplit(scenario.url(path)).path:
            answered = f"led to {printable(where)}, which {answered}"
        if not scenario.is_set and not scenario.lifetime.host:
            # A site that refuses all hosts but its own says so to each of ours.
            with contextlib.suppress(CookieproofError):
                elsewhere = pages.visit(self.visitor.page, site.at(site.host, https=scenario.https) + path)
                if elsewhere and elsewhere.status < 400:
                    hint = KNOWS_ITS_HOST.format(host=site.host)
                    return f"{asked} {answered}, but {elsewhere.status} at {site.host}. {hint}"
        return f"{asked} {answered}"

    def _notice_https(self, scenario: Scenario, before: int) -> None:
        """Whether the app has now led to https what began on http. All scenarios go on there."""
        secure = self.visitor.site.at(scenario.host, https=True)
        on_http = [exchange for exchange in scenario.exchanges[before:] if exchange.scheme == "http"]
        if any((exchange.led_to or exchange.location or "").startswith(secure) for exchange in on_http):
            for each in self.scenarios:
                each.https = True

    def _call(self, scenario: Scenario, step: Callable[[Visitor], object], *, may_fail: bool) -> Seen:
        """Let a function of the user's have the browser, with one blank page."""
        from playwright.sync_api import Error

        name, seen = in_words(step), Seen()
        self._leave()
        self.visitor.move_to(scenario.host)
        try:
            with self._lent(f"{name} shares this browser and its clock with all lifetimes of its list:"):
                step(self.visitor)
                with contextlib.suppress(Error):  # it has ended the browser, of which leaving tells
                    self.visitor.rest.wait(REST_SECONDS)
        except self.plan.failures as error:
            if death := self.visitor.site.await_death():
                scenario.fail(death.removesuffix("."))
                raise Spoiled(scenario.lifetime, told([scenario])) from None
            frames = [
                each for each in traceback.extract_tb(error.__traceback__)[1:] if "playwright" not in each.filename
            ]
            where = "".join(f"\n      {frame.filename}:{frame.lineno}: {frame.line}" for frame in frames[:MOST_FRAMES])
            seen.problem = f"{name} failed: {type(error).__name__}: {str(error).strip()}{where}"
        if seen.problem and not may_fail:
            scenario.fail(seen.problem)
            for other in self.scenarios:
                if other.lifetime == scenario.lifetime and other.need and other.step == step:
                    other.need = None  # it would fail there too
        try:
            self._at_page = True
            self._leave()
        except Error as error:
            scenario.fail(scenario.failure or f"{name} ended the browser: {error.message}")
            raise Spoiled(scenario.lifetime, told([scenario])) from None
        return seen

    @contextlib.contextmanager
    def _lent(self, why: str) -> Iterator[None]:
        with (
            self.visitor.lives.kept_open(f"{why} it may visit, but not end the browser."),
            self.clock.locked(f"{why} it may visit, but not move the clock."),
        ):
            yield

    def _leave(self) -> None:
        """Leave what was visited, if it might go on to ask the site for this and that, and so renew what it should not.

        To leave a page costs half as much as to visit one.
        """
        if self._at_page and not pages.is_inert(self._response):
            self.visitor.leave()
        self._at_page, self._response = False, None

    # --- verdicts

    def verdicts(self) -> dict[Lifetime, Verdict]:
        """Those on all lifetimes but what was spoiled."""
        spoiled = self._spoiled_lifetimes()
        return {lifetime: self._verdict(lifetime) for lifetime in self.lifetimes if lifetime not in spoiled}

    def _verdict(self, lifetime: Lifetime) -> Verdict:
        scenarios = [scenario for scenario in self.scenarios if scenario.lifetime == lifetime]
        text, hosts = told(scenarios), {scenario.host for scenario in scenarios}
        return Verdict("broken" if text else "kept", text, self.picture(lifetime, hosts))

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
