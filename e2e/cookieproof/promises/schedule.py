"""Runs the scenarios of any number of lifetimes together, with one browser and one pass along the clock.

The schedule does what is due, probes many cookies at once, restarts the browser when all scenarios wait for it, and
otherwise moves the clock to the next due moment.
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
from cookieproof.promises.lifetimes import Lifetime, Step
from cookieproof.promises.plan import Plan
from cookieproof.promises.scenario_run import BEFORE, ScenarioRun
from cookieproof.promises.scenarios import scenarios_of
from cookieproof.promises.scenarios.scenario import Scenario
from cookieproof.promises.shared_sites import SharedSites
from cookieproof.promises.sign_in_run import SignInRun
from cookieproof.promises.step_runner import SiteDied, StepRunner
from cookieproof.promises.steps import LeaveOpen, ProbeCookie, ProbeResult, Restart, RunStep, Visit, VisitAsNewVisitor
from cookieproof.promises.verdict import Verdict, verdict_on
from cookieproof.visitor.visitor import Visitor
from cookieproof.words import printable, shown

# Needs that are due within so short a time share one clock move and one probe, at the last of them.
SAME_MOVE_WITHIN = timedelta(seconds=3)
# What lasts less is set when all others wait for the restart: on a busy machine it would have ended before.
SHORT = timedelta(minutes=5)


class Schedule:
    """Runs all scenarios of its lifetimes with one visitor."""

    def __init__(
        self,
        lifetimes: dict[Lifetime, int],
        visitor: Visitor,
        clock: Clock,
        plan: Plan,
        scenario: Scenario | None = None,
    ) -> None:
        """Prepare a run of each scenario for each lifetime; of ``scenario`` only, if one is given.

        ``lifetimes`` maps each lifetime to the number that its hosts are named after.
        """
        self.lifetimes, self.visitor, self.clock, self.plan = lifetimes, visitor, clock, plan
        self.runs: list[ScenarioRun] = []
        self._failed: set[tuple[Lifetime, Step]] = set()  # functions that failed: none is called again
        # The longest lifetime is set first, so that no short one ends before the restart.
        for lifetime in sorted(lifetimes, key=_longest_first):
            chosen = (
                [scenario]
                if scenario
                else scenarios_of(lifetime, moves_clock=plan.moves_clock, scenarios=plan.scenarios)
            )
            kind = ScenarioRun if lifetime.is_of_a_cookie else SignInRun
            self.runs += [kind(lifetime, each, lifetimes[lifetime], visitor) for each in chosen]
        self._step_runner = StepRunner(visitor, plan.new_visitor, plan.failures)
        self._shared_sites = SharedSites(self.runs, visitor, plan)

    def run(self) -> None:
        if not self.runs:
            return
        self.visitor.lives.require_full_browser()
        self.visitor.site.check_host(self.runs[0].host)
        while waiting := [run for run in self.runs if run.need]:
            try:
                self._run_next(waiting)
            except DoesNotAnswer as error:
                if not (whose := self._step_runner.abandon_page()):
                    raise
                self._shared_sites.assign_exchanges(whose)
                self._end_all_of(whose, error.what)
            except CookieproofError:
                if self.visitor.site.await_death():
                    raise SiteDied(waiting[0]) from None
                raise

    def _run_next(self, waiting: Sequence[ScenarioRun]) -> None:
        """Do what is due for one run, or move the clock to the next due moment."""
        now = self.clock.now()
        due = [each for each in waiting if not isinstance(each.need, Restart) and (each.due or now) <= now]
        asking = [each for each in due if isinstance(each.need, ProbeCookie)]
        doing = [each for each in due if isinstance(each.need, RunStep | LeaveOpen | VisitAsNewVisitor)]
        late = [each for each in doing if _is_short(each) and not each.is_set]
        if len(late) < len(doing) or not all(map(_is_short, asking)):
            doing = [each for each in doing if each not in late]
        moments = [each.due for each in waiting if each.due]
        # Near an expiry, probes come before slow steps; before the restart, all steps come first, then one probe.
        if asking and (moments or not doing):
            self._probe_cookies(asking)
        elif doing:
            self._run_step(min(doing, key=lambda each: each.end))
        elif moments:
            self._step_runner.leave()
            self.clock.reach(max(moment for moment in moments if moment <= min(moments) + SAME_MOVE_WITHIN))
        else:
            self._restart(waiting)

    def _restart(self, runs: Sequence[ScenarioRun]) -> None:
        if any(run.exchanges for run in self.runs):  # else no site was visited
            self._step_runner.leave()
            self.visitor.restart()
            for run in runs:
                run.note_seen(self.clock.now(), "the browser was closed and opened again")
        for run in runs:
            run.send_answer()

    def _probe_cookies(self, runs: Sequence[ScenarioRun]) -> None:
        for origin in {run.origin: None for run in runs}:
            those = [run for run in runs if run.origin == origin]
            urls = [run.url(run.lifetime.path) for run in those]
            found = self.visitor.sent_cookies.ask(self.visitor.page, urls, origin)
            now = self.clock.now()
            for run, pairs in zip(those, found, strict=True):
                answer, path = ProbeResult(run.lifetime.name in dict(pairs), now), printable(run.lifetime.path)
                run.note_seen(now, f"{'sent' if answer.sent else 'not sent'} to {path}")
                run.send_answer(answer)

    def _run_step(self, run: ScenarioRun) -> None:
        """Take the next step of a scenario, and send the result to its run."""
        if isinstance(run.need, VisitAsNewVisitor):
            run.send_answer(self._step_runner.values_for_new_visitor(run, run.need.path))
            return
        if isinstance(run.need, LeaveOpen):
            self._leave_open(run, run.need)
            return
        assert isinstance(run.need, RunStep)
        need, before = run.need, len(run.exchanges)
        if (run.lifetime, need.step) in self._failed:  # it may fail by a deadline of half a minute
            run.stop()
            return
        self._shared_sites.assign(run)
        if callable(need.step):
            outcome = self._step_runner.call(run, need.step)
            if outcome.problem:
                self._failed.add((run.lifetime, need.step))
            if outcome.problem and not need.may_fail:
                self._end_all_of(run, outcome.problem, need.step)
        else:
            outcome = self._step_runner.visit(run, need.step, need.shows)
        self._shared_sites.assign_exchanges(run)
        self._notice_https(run, before)
        if run.need:
            there = self.visitor.store.held_at(run.url(run.lifetime.path))
            self._shared_sites.notice_held(run, there)
            held = [cookie for cookie in there if cookie.name == run.lifetime.name]
            is_page = isinstance(run, SignInRun) and not callable(need.step) and not outcome.problem
            visit = Visit(
                **vars(outcome),
                time=self.clock.now(),
                exchanges=tuple(run.exchanges[before:]),
                held=held[0] if held else None,
                stored=self._step_runner.stored() if is_page else (),
            )
            run.finish_step(visit)

    def _leave_open(self, run: ScenarioRun, need: LeaveOpen) -> None:
        """Run the timers of the page that was visited last until the needed moment."""
        before = len(run.exchanges)
        self.clock.reach(need.until, awake=True, step=need.step)
        self._shared_sites.assign_exchanges(run)
        run.send_answer(run.exchanges[before:])

    def _end_all_of(self, run: ScenarioRun, problem: str, step: Step | None = None) -> None:
        """End the runs of a failed run's lifetime that wait for the same ``step`` (None: all): they would fail too."""
        run.fail(problem)
        for other in self.runs:
            if other.lifetime == run.lifetime and other.need and step in (None, other.step):
                other.stop()

    def _notice_https(self, run: ScenarioRun, before: int) -> None:
        """Have all runs of the lifetime use https, if the app has redirected this run to https."""
        on_http = [exchange for exchange in run.exchanges[before:] if exchange.scheme == "http"]
        led_to = [self.visitor.site.origin_of(exchange.location or "") or "" for exchange in on_http]
        if any(urlsplit(each)[:1] == ("https",) and urlsplit(each).hostname == run.host for each in led_to):
            for each in self.runs:
                if each.lifetime == run.lifetime:
                    each.use_https()

    # --- verdicts

    def verdicts(self) -> dict[Lifetime, Verdict]:
        """Return the verdict on each lifetime, except for those that others have spoiled."""
        spoiled = self._shared_sites.spoiled_lifetimes() | self._doubted()
        return {lifetime: self._verdict(lifetime) for lifetime in self.lifetimes if lifetime not in spoiled}

    def _doubted(self) -> set[Lifetime]:
        """Return the lifetimes that the server ended, possibly because another run signed in.

        A site that knows a person in only one browser at a time does so.
        """
        if len(self.runs) == 1:
            return set()
        # The last sign-in may be of another lifetime of that person; a page that once showed it proves that it can.
        shown_once = {run.lifetime.shows for run in self.runs if run.seen_shown}
        ended = {each.lifetime for each in self.runs if each.failure and each.by_the_server}
        doubted = {each for each in ended if each.shows in shown_once} - self.plan.profiles
        for lifetime in doubted:
            # All scenarios: one that found nobody signed in any more may have judged nothing.
            self.plan.need_profiles(lifetime)
        return doubted

    def _verdict(self, lifetime: Lifetime) -> Verdict:
        runs = [run for run in self.runs if run.lifetime == lifetime]
        return verdict_on(runs, self.picture(lifetime, {run.host for run in runs}))

    def picture(self, lifetime: Lifetime, hosts: set[str]) -> dict[str, Any]:
        """Return the report's timeline of this lifetime's cookie at these hosts."""
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
        if lifetime.is_of_a_cookie:
            drawn["lanes"] = [lane for lane in drawn["lanes"] if lane["name"] == shown(lifetime.name)]
        return drawn


def _is_short(run: ScenarioRun) -> bool:
    return timedelta(0) < run.lasts < SHORT


def _longest_first(lifetime: Lifetime) -> timedelta:
    return -lifetime.lasts if isinstance(lifetime.lasts, timedelta) else timedelta.min
