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
from cookieproof.promises.sign_in_run import SignInRun
from cookieproof.promises.steps import ProbeResult, Steps, Visit

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
