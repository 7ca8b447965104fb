"""Proves any number of lifetimes in two lives of one visitor and one way along the clock.

Each lifetime is proven by a few scenarios, each at a host of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cookieproof.clock.clock import Clock
from cookieproof.errors import CookieproofError
from cookieproof.promises.lifetimes import WITH_THE_BROWSER, Lifetime
from cookieproof.promises.plan import Plan
from cookieproof.promises.scenario_run import ScenarioRun, failure_text
from cookieproof.promises.scenarios import SCENARIOS, scenarios_of
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
) -> dict[Lifetime, Verdict]:
    """Run the scenarios of all lifetimes, and return the verdict on each.

    ``no_clock`` says why the clock cannot be moved, if it cannot. ``first`` is the first lifetime's number, after which
    its hosts are named. ``failures`` are what a step that is a function may raise to say that it failed,
    ``scenarios`` those that are run if they apply.
    """
    lifetimes = list(dict.fromkeys(lifetimes))
    verdicts = {each: Verdict("not run", no_clock) for each in lifetimes if no_clock and each.lasts != WITH_THE_BROWSER}
    numbers = {lifetime: number for number, lifetime in enumerate(lifetimes, start=first)}
    plan = Plan(new_visitor, moves_clock=not no_clock, failures=failures, scenarios=scenarios)
    for each in lifetimes:
        if each.host:
            plan.need_profiles(each)
    together = True  # until one of them has ended the site for all
    while left := [lifetime for lifetime in lifetimes if lifetime not in verdicts]:
        if apart := [lifetime for lifetime in left if lifetime in plan.profiles]:
            verdicts[apart[0]] = _with_profiles(apart[0], numbers, clock, plan)
            continue
        these = left if together else left[:1]
        schedule = Schedule({each: numbers[each] for each in these}, new_visitor(), clock, plan)
        try:
            schedule.run()
            verdicts |= schedule.verdicts()
        except BrowserEnded as spoiled:
            # With the browser the others' cookies are gone too: they begin anew, without the one that ended it.
            verdicts[spoiled.lifetime] = Verdict("broken", spoiled.text)
        except SiteDied as died:
            if len(schedule.lifetimes) == 1:
                verdicts[died.run.lifetime] = _ended_by_the_site(died, schedule)
            together = False  # whoever takes a step then need not be whoever brought it about: one after the other
            _revive(schedule)
        if len(verdicts) < len(lifetimes):
            schedule.visitor.crash()
    return verdicts


def why_no_clock(site: Site) -> str:
    """Why the clock of this site cannot be moved; an empty text if it can."""
    try:
        site.check_clock(("site",))
    except CookieproofError as error:
        return str(error)
    return ""


def _ended_by_the_site(died: SiteDied, schedule: Schedule) -> Verdict:
    died.run.fail(schedule.visitor.site.death.removesuffix("."))
    return Verdict("broken", failure_text([died.run]))


def _revive(schedule: Schedule) -> None:
    """Start the site again, if its process has ended by itself; the verdict says that it has."""
    if schedule.visitor.site.tell_death():
        schedule.visitor.site.restart()


def _with_profiles(lifetime: Lifetime, numbers: dict[Lifetime, int], clock: Clock, plan: Plan) -> Verdict:
    """Run the lifetime's scenarios one after the other, each with a visitor of its own, and return the verdict."""
    runs: list[ScenarioRun] = []
    picture: dict[str, Any] = {}
    for scenario in scenarios_of(lifetime, moves_clock=plan.moves_clock, scenarios=plan.profiles[lifetime]):
        schedule = Schedule({lifetime: numbers[lifetime]}, plan.new_visitor(), clock, plan, scenario)
        try:
            schedule.run()
        except (BrowserEnded, SiteDied) as error:
            ended = (
                _ended_by_the_site(error, schedule) if isinstance(error, SiteDied) else Verdict("broken", error.args[1])
            )
            _revive(schedule)
            schedule.visitor.crash()
            return ended
        runs += schedule.runs
        picture = schedule.picture(lifetime, {schedule.runs[0].host})
        schedule.visitor.crash()
        if schedule.runs[0].failure:
            break
    return verdict_on(runs, picture)
