"""What the clock does not move is what the documents say"""

from __future__ import annotations

import json
import time

import pytest

from cookieproof import Clock, Visitor

pytestmark = pytest.mark.site("../apps/people.py:create_app")
HOUR = 3600


def clocks(visitor: Visitor) -> dict[str, float]:
    """What the site's process shows: its time, its monotonic clock, and the time of a file that it has just written."""
    shown: dict[str, float] = json.loads(visitor.goto("/clocks").text())
    return shown


def test_the_sites_monotonic_clock_and_the_times_of_its_files_stay_real(visitor: Visitor, clock: Clock) -> None:
    before = clocks(visitor)
    clock.advance(hours=2)
    after = clocks(visitor)
    assert after["time"] - before["time"] >= 2 * HOUR
    assert after["monotonic"] - before["monotonic"] < HOUR
    assert abs(after["file"] - time.time()) < HOUR


def test_the_timers_of_an_open_page_have_not_fired(visitor: Visitor, clock: Clock) -> None:
    visitor.goto("/plain/")
    visitor.page.evaluate("setTimeout(() => { document.title = 'fired' }, 3600 * 1000)")
    began = visitor.page.evaluate("performance.now()")
    clock.advance(hours=2)
    visitor.page.evaluate("new Promise(done => setTimeout(done, 10))")
    assert visitor.page.title() == "people"
    assert visitor.page.evaluate("performance.now()") - began < HOUR * 1000
