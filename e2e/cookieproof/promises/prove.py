"""Proves any number of lifetimes in two lives of one visitor and one way along the clock.

Each lifetime is proven by a few scenarios, each at a host of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cookieproof.clock.clock import Clock
from cookieproof.promises.lifetimes import WITH_THE_BROWSER, Lifetime
from cookieproof.promises.plan import Plan
from cookieproof.promises.scenario import Course, Scenario, told
from cookieproof.promises.scenarios import COURSES, courses_of
from cookieproof.promises.schedule import Schedule
from cookieproof.promises.taking import Spoiled
from cookieproof.promises.verdict import Verdict
from cookieproof.visitor.visitor import Visitor


def prove(
    lifetimes: Sequence[Lifetime],
    new_visitor: Callable[[], Visitor],
    clock: Clock,
    no_clock: str = "",
    first: int = 1,
    failures: tuple[type[BaseException], ...] = (Exception,),
    courses: Sequence[Course] = COURSES,
) -> dict[Lifetime, Verdict]:
    """The verdicts on all lifetimes.

    ``no_clock`` says why the clock cannot be moved, if it cannot. ``first`` is the first lifetime's number, after which
    its hosts are named. ``failures`` are what a step that is a function may raise to say that it failed,
    ``courses`` those that are run if they apply.
    """
    lifetimes = list(dict.fromkeys(lifetimes))
    verdicts = {each: Verdict("not run", no_clock) for each in lifetimes if no_clock and each.lasts != WITH_THE_BROWSER}
    numbers = {lifetime: number for number, lifetime in enumerate(lifetimes, start=first)}
    plan = Plan(moves_clock=not no_clock, failures=failures, courses=courses)
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


def _with_profiles(
    lifetime: Lifetime, numbers: dict[Lifetime, int], new_visitor: Callable[[], Visitor], clock: Clock, plan: Plan
) -> Verdict:
    """The verdict on one whose site knows its own hosts alone: a visitor for each scenario, one after the other."""
    scenarios: list[Scenario] = []
    picture: dict[str, Any] = {}
    for course in courses_of(lifetime, moves_clock=plan.moves_clock, courses=plan.courses):
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
