"""Proves any number of lifetimes in two lives of one visitor and one pass along the clock.

Each lifetime is proven by a few scenarios, each at a host of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cookieproof.clock.clock import Clock
from cookieproof.errors import CookieproofError
from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.plan import Plan
from cookieproof.promises.scenario_run import ScenarioRun, failure_text
from cookieproof.promises.scenarios import LEFT_OPEN, SCENARIOS, scenarios_of
from cookieproof.promises.scenarios.scenario import Scenario
from cookieproof.promises.schedule import Schedule
from cookieproof.promises.step_runner import BrowserEnded, SiteDied
from cookieproof.promises.verdict import Verdict, verdict_on
from cookieproof.site.site import Site
from cookieproof.visitor.visitor import Visitor


def prove(
    lifetimes: Sequence[Lifetime],
    new_visitor: Callable[[], Visitor],
    clock: Clock,
    no_clock: str = "",
    first: int = 1,
    failures: tuple[type[BaseException], ...] = (Exception,),
    scenarios: Sequence[Scenario] = SCENARIOS,
    left_open: Sequence[Scenario] = LEFT_OPEN,
) -> dict[Lifetime, Verdict]:
    """Run the scenarios of all lifetimes, and return the verdict on each.

    ``no_clock`` says why the clock cannot be moved; empty if it can. ``first`` is the first lifetime's number, which
    its hosts are named after. ``failures`` are the exceptions by which a function reports that it failed,
    ``scenarios`` are run if they apply, and ``left_open``, which leave a page open, after them.
    """
    lifetimes = list(dict.fromkeys(lifetimes))
    verdicts = {each: Verdict("not run", no_clock) for each in lifetimes if no_clock and each.needs_clock}
    numbers = {lifetime: number for number, lifetime in enumerate(lifetimes, start=first)}
    plan = Plan(new_visitor, moves_clock=not no_clock, failures=failures, scenarios=scenarios)
    for each in lifetimes:
        if each.host:
            plan.need_profiles(each)
    together = True  # until a step has ended the site's process
    while left := [lifetime for lifetime in lifetimes if lifetime not in verdicts]:
        if apart := [lifetime for lifetime in left if lifetime in plan.profiles]:
            verdicts[apart[0]] = _with_profiles(apart[0], numbers, clock, plan, plan.scenarios)
            continue
        these = left if together else left[:1]
        schedule = Schedule({each: numbers[each] for each in these}, new_visitor(), clock, plan)
        try:
            schedule.run()
            verdicts |= schedule.verdicts()
        except BrowserEnded as spoiled:
            # The others' cookies are gone with the browser: they begin anew, without the lifetime that ended it.
            verdicts[spoiled.lifetime] = Verdict("broken", spoiled.text)
        except SiteDied as died:
            if len(schedule.lifetimes) == 1:
                verdicts[died.run.lifetime] = _ended_by_the_site(died, schedule)
            together = False  # another run may have caused the end: from now on, one lifetime after the other
            _revive(schedule)
        if len(verdicts) < len(lifetimes):
            schedule.visitor.crash()
    kept = [each for each in lifetimes if each.idle_page and verdicts[each].outcome == "kept"]
    return verdicts | _with_a_page_left_open(kept, numbers, clock, plan, left_open)


def why_no_clock(site: Site) -> str:
    """Return why the clock of this site cannot be moved, as a sentence; an empty text if it can."""
    try:
        site.check_clock(("site",))
    except CookieproofError as error:
        return str(error)
    return ""


def _ended_by_the_site(died: SiteDied, schedule: Schedule) -> Verdict:
    died.run.fail(schedule.visitor.site.death.removesuffix("."))
    return Verdict("broken", failure_text([died.run]))


def _revive(schedule: Schedule) -> None:
    """Start the site again if its process has ended by itself; the verdict already says so."""
    if schedule.visitor.site.tell_death():
        schedule.visitor.site.restart()


def _with_a_page_left_open(
    lifetimes: Sequence[Lifetime],
    numbers: dict[Lifetime, int],
    clock: Clock,
    plan: Plan,
    scenarios: Sequence[Scenario],
) -> dict[Lifetime, Verdict]:
    """Run these scenarios, one after the other, and return the verdicts on lifetimes that they find broken.

    They share a visitor where the lifetimes did. The clock moves in steps in them.
    """
    broken, visitor = dict[Lifetime, Verdict](), None
    for each in lifetimes:
        is_own = each in plan.profiles
        if not is_own and (visitor is None or visitor.lives.context is None):
            visitor = plan.new_visitor()
        verdict = _with_profiles(each, numbers, clock, plan, scenarios, None if is_own else visitor)
        if verdict.outcome != "kept":
            broken[each] = verdict
    if visitor and visitor.lives.context:
        visitor.crash()
    return broken


def _with_profiles(
    lifetime: Lifetime,
    numbers: dict[Lifetime, int],
    clock: Clock,
    plan: Plan,
    scenarios: Sequence[Scenario],
    visitor: Visitor | None = None,
) -> Verdict:
    """Run these scenarios of the lifetime one after the other, and return the verdict.

    Each has a visitor of its own, unless ``visitor`` is given.
    """
    runs: list[ScenarioRun] = []
    picture: dict[str, Any] = {}
    for scenario in scenarios_of(lifetime, moves_clock=plan.moves_clock, scenarios=scenarios):
        schedule = Schedule({lifetime: numbers[lifetime]}, visitor or plan.new_visitor(), clock, plan, scenario)
        try:
            schedule.run()
        except (BrowserEnded, SiteDied) as error:
            ended = (
                _ended_by_the_site(error, schedule) if isinstance(error, SiteDied) else Verdict("broken", error.text)
            )
            _revive(schedule)
            schedule.visitor.crash()
            return ended
        runs += schedule.runs
        picture = schedule.picture(lifetime, {schedule.runs[0].host})
        if not visitor:
            schedule.visitor.crash()
        if schedule.runs[0].failure:
            break
    return verdict_on(runs, picture)
