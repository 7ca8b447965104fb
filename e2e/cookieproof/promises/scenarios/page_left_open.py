"""The scenarios in which a page is left open until the end, with its timers running."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from datetime import datetime, timedelta
from typing import Any

from cookieproof.cookies.exchange import Exchange
from cookieproof.promises import parts, sign_in_parts
from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.scenario_run import AFTER, BEFORE, ScenarioRun
from cookieproof.promises.scenarios.a_while_later import A_WHILE
from cookieproof.promises.sign_in_run import SignInRun
from cookieproof.promises.steps import LeaveOpen, Restart, RunStep, Steps, Visit
from cookieproof.words import counted, duration, printable

# Timers of a page fire once a step. A step is a minute; longer if there would be too many steps, and shorter if there
# would be so few that a page which renews every minute would come after the end.
SHORTEST_STEP, SECOND = timedelta(minutes=1), timedelta(seconds=1)
STEPS, FEWEST_STEPS = 120, 10
MOST_ASKED = 3  # kinds of requests that a failure names


class PageLeftOpen:
    """Leaves the page open past the end, which must come nevertheless: a page that polls may renew the session."""

    name = "page left open"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return moves_clock and lifetime.idle_page is not None

    def steps(self, run: ScenarioRun) -> Steps:
        yield from _opened(run)
        is_open = f"with {printable(run.lifetime.idle_page or '')} left open"
        if not run.lasts:
            yield from _left_open(run, run.visitor.clock.now() + A_WHILE)
            yield from _is_there(run, f"{duration(A_WHILE)} later, {is_open}")
            yield Restart()
            yield from _is_gone(run, f"{parts.RESTARTED}, {is_open} before")
            return
        asked: list[Exchange] = []
        if run.lifetime.is_of_a_cookie:
            asked += yield from _left_open(run, run.end - BEFORE)
            yield from parts.is_sent(run, f"is not sent {duration(BEFORE)} before its end, {is_open}")
        end = run.latest_end if isinstance(run, SignInRun) else run.end
        asked += yield from _left_open(run, end + AFTER)
        yield from _is_gone(run, f"{duration(AFTER)} after its end, {is_open}{_by_itself(asked)}")


class PageLeftOpenToTheLast:
    """Leaves the page open until just before the end: the page must not have signed out by itself."""

    name = "page left open to the last"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        is_shown = isinstance(lifetime.lasts, timedelta) and lifetime.shows is not None
        return moves_clock and lifetime.idle_page is not None and is_shown

    def steps(self, run: ScenarioRun) -> Steps:
        yield from _opened(run)
        asked = yield from _left_open(run, run.end - BEFORE)
        page = printable(run.lifetime.idle_page or "")
        yield from _is_there(run, f"{duration(BEFORE)} before its end, with {page} left open{_by_itself(asked)}")


def _opened(run: ScenarioRun) -> Steps:
    """Take the step that begins the lifetime, and visit the page that is left open."""
    if isinstance(run, SignInRun):
        yield from sign_in_parts.signed_in(run)
    else:
        yield from parts.cookie_set(run)
        yield from parts.check_page(run, "once it is set")
    page = run.lifetime.idle_page
    assert page
    visit: Visit = yield RunStep(page)
    if visit.problem:
        run.broken(f"{visit.problem}: name a page in idle_page=")
    if isinstance(run, SignInRun) and run.lifetime.renewal:
        run.may_be_renewed(visit)


def _left_open(run: ScenarioRun, until: datetime) -> Generator[LeaveOpen, Any, Sequence[Exchange]]:
    """Leave the page open until this moment, and return the exchanges that it caused by itself meanwhile."""
    left = until - run.visitor.clock.now()
    step = min(max(SHORTEST_STEP, left / STEPS), max(left / FEWEST_STEPS, SECOND))
    asked: Sequence[Exchange] = yield LeaveOpen(until, step)
    return asked


def _by_itself(asked: Sequence[Exchange]) -> str:
    """Return what a page asked for: ``", which asked for GET /ping 30 times by itself"``; an empty text if nothing."""
    counts = Counter(f"{each.method} {printable(each.path)}" for each in asked)
    often = [f"{what} {counted(number, 'time')}" for what, number in counts.most_common(MOST_ASKED)]
    return f", which asked for {' and '.join(often)} by itself" if often else ""


def _is_there(run: ScenarioRun, when: str) -> Steps:
    if isinstance(run, SignInRun):
        yield from sign_in_parts.check_page(run, when)
    else:
        yield from parts.is_sent(run, f"is not sent {when}")
        yield from parts.check_page(run, when)


def _is_gone(run: ScenarioRun, when: str) -> Steps:
    if isinstance(run, SignInRun):
        yield from sign_in_parts.gone(run, when)
    else:
        yield from parts.is_gone(run, f"is still sent {when}")
        yield from parts.visit_after_end(run, when)
