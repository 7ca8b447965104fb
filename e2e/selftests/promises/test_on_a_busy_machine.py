"""Where site, recorder and browser take their time, a verdict is what it would be on an idle machine"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from cookieproof import Lifetime
from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.promises import parts
from cookieproof.promises.scenario_run import ScenarioRun
from cookieproof.promises.schedule import Schedule
from cookieproof.promises.sign_in_run import SignInRun
from cookieproof.promises.steps import Need, ProbeCookie, ProbeResult, Restart, RunStep, Steps, Visit

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
SET = datetime(2030, 1, 1, 12, tzinfo=UTC)  # and first visited half an hour later
VISITED = SET + HOUR / 2


class VisitedOnce:
    """One visit, half-way to the end of a cookie that is set already."""

    name = "visited once"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return True

    def steps(self, run: ScenarioRun) -> Steps:
        run.begin, run.end, run.is_set = SET, SET + HOUR, True
        run.held = held_until(run.end)
        yield from parts.visited(run, "half-way to its end", VISITED)


def held_until(end: datetime) -> StoredCookie:
    return StoredCookie("sid", "1", "localhost", "/", end, http_only=True, secure=False, same_site="Lax")


def visit(*, expires: datetime, asked: datetime, answered: datetime) -> Visit:
    """A visit whose answer sets the cookie anew, by an ``Expires``."""
    line = SetCookie(f"sid=1; Path=/; Expires={expires:%a, %d %b %Y %H:%M:%S} GMT")
    exchange = Exchange(1, 1, answered, "GET", "localhost", "/", 200, "sid=1", (line,), began=asked)
    return Visit(time=answered + SECOND, exchanges=(exchange,), held=held_until(expires))


@pytest.mark.parametrize(
    ("computed", "lasts", "failure"),
    [
        (0.9, HOUR, ""),
        (0.9, HOUR - 3 * SECOND, "/ renews it for only 59 minutes 56 seconds half-way to its end"),
    ],
)
def test_a_renewal_is_counted_from_the_request_though_the_answer_came_late(
    computed: float, lasts: timedelta, failure: str
) -> None:
    """Its Expires is of the second in which the site began: two seconds later it begins to answer."""
    visitor: Any = SimpleNamespace(
        clock=SimpleNamespace(now=lambda: VISITED), move_to=lambda host: None, stored_list=[], life=1
    )
    run = ScenarioRun(Lifetime("sid", set_by="/", lasts=HOUR, renewed_by="/"), VisitedOnce(), 1, visitor)
    run.send_answer(ProbeResult(True, VISITED))
    asked = VISITED + computed * SECOND
    run.finish_step(visit(expires=asked.replace(microsecond=0) + lasts, asked=asked, answered=asked + 2 * SECOND))
    assert run.failure == failure
    assert run.need is None


def test_a_sign_in_may_begin_with_the_request_and_with_the_end_of_its_step() -> None:
    run = SimpleNamespace(lasts=HOUR)
    asked, answered = SET, SET + 4 * SECOND
    SignInRun.begins(run, visit(expires=SET + HOUR, asked=asked, answered=answered))  # type: ignore[arg-type]
    assert (run.end, run.latest_end) == (asked + HOUR, answered + SECOND + HOUR)


def test_what_ends_soon_is_set_when_all_others_wait_for_the_restart() -> None:
    """On a busy machine it would have ended before, and would be taken for lost at the restart."""

    def run(name: str, lasts: timedelta, *needs: Need) -> Any:
        return SimpleNamespace(name=name, lasts=lasts, need=needs[0], needs=[*needs], due=None, end=SET, is_set=False)

    set_and_probed = (RunStep("/"), ProbeCookie(), Restart())
    runs = [
        run("soon", 40 * SECOND, *set_and_probed),
        run("deleted", HOUR, RunStep("/"), ProbeCookie(), RunStep("/out"), ProbeCookie(), Restart()),
        run("soon, too", 40 * SECOND, *set_and_probed),
        run("with the browser", timedelta(0), *set_and_probed),
    ]
    told: list[str] = []

    def go_on(*those: Any) -> None:
        for each in those:
            told.append(f"{each.name}: {type(each.needs.pop(0)).__name__}")
            each.is_set = each.is_set or isinstance(each.need, ProbeCookie)
            each.need = each.needs[0]

    schedule: Any = SimpleNamespace(
        clock=SimpleNamespace(now=lambda: SET),
        _run_step=go_on,
        _probe_cookies=lambda those: go_on(*those),
        _restart=lambda those: told.append("restart"),
    )
    while "restart" not in told:
        Schedule._run_next(schedule, runs)
    long, short = ["deleted", "with the browser"], ["soon", "soon, too"]
    assert [each.partition(":")[0] for each in told] == [*long, *long, "deleted", "deleted", *short, *short, "restart"]


@pytest.mark.parametrize(
    ("asked", "failure"),
    [
        (HOUR / 2, "is not sent after the restart"),
        (HOUR, "could not be asked for before its end at 13:00:00, only at 13:00:00: prove fewer lifetimes at once, "),
    ],
)
def test_what_was_asked_for_only_after_its_end_was_not_lost(asked: timedelta, failure: str) -> None:
    told: list[str] = []
    run: Any = SimpleNamespace(lasts=HOUR, end=SET + HOUR, broken=told.append)
    steps = parts.is_sent(run, "is not sent after the restart")
    next(steps)
    with pytest.raises(StopIteration):
        steps.send(ProbeResult(False, SET + asked))
    assert told[0].startswith(failure)
