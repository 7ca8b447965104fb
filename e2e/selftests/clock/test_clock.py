"""Site and browsers share one clock, which moves forward only"""

import math
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from cookieproof import CookieproofError, Site, Visitor, expect_cookie
from cookieproof.clock.clock import Clock, ClockDoesNotWork
from cookieproof.clock.library import build
from cookieproof.errors import wait_until
from selftests.support.project import Project

pytestmark = pytest.mark.site("../apps/visits.py:create_app")


def shown(visitor: Visitor) -> tuple[datetime, datetime]:
    """What the site's clock and the browser's show."""
    header = visitor.goto("/").headers["date"]
    milliseconds = visitor.page.evaluate("Date.now()")
    return parsedate_to_datetime(header), datetime.fromtimestamp(milliseconds / 1000, UTC)


def test_site_and_browser_follow_at_once_and_after_a_restart(visitor: Visitor, clock: Clock, site: Site) -> None:
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)  # a test starts at the real time
    visitor.goto("/")
    clock.advance(days=40, hours=1)
    assert abs(clock.now() - datetime.now(UTC) - timedelta(days=40, hours=1)) < timedelta(seconds=5)
    changes: list[Callable[[], object]] = [lambda: None, visitor.restart, site.restart]
    for change in changes:
        change()
        for moment in shown(visitor):
            assert abs(moment - clock.now()) < timedelta(seconds=5)
    assert site.wire[-1].time - site.wire[0].time > timedelta(days=40)

    with pytest.raises(AssertionError) as failure:  # whose evidence is on the clock too
        expect_cookie(visitor, "never").to_be_sent()
    told = re.search(r"clock: +(.*) UTC, life 2", str(failure.value))
    assert told
    assert abs(datetime.fromisoformat(f"{told[1]}+00:00") - clock.now()) < timedelta(seconds=5)


def test_the_next_test_starts_at_the_real_time_with_another_process(project: Project) -> None:
    project.test(
        """
import time, email.utils, urllib.request

def sites_time(site):
    with urllib.request.urlopen(site.url.replace("localhost", "127.0.0.1")) as answer:
        return email.utils.parsedate_to_datetime(answer.headers["date"]).timestamp()

def test_first(site, clock):
    clock.advance(days=40)
    assert sites_time(site) - time.time() > 39 * 24 * 3600

def test_second(site, clock):
    assert abs(sites_time(site) - time.time()) < 5
    assert abs(clock.now().timestamp() - time.time()) < 5
"""
    )
    code, output = project.run("--site", "app:create_app")
    assert code == 0, output


def test_the_next_test_starts_at_the_real_time_though_the_last_one_could_not_be_recorded(project: Project) -> None:
    project.test(
        """
import time
from pathlib import Path

def test_first(site, clock, output_path):
    clock.advance(days=40)
    Path(output_path).parent.mkdir(parents=True, exist_ok=True)
    Path(output_path).write_text("where site.log should be")
    assert False

def test_second(site, clock):
    assert abs(clock.now().timestamp() - time.time()) < 5
"""
    )
    result = project.run("--site", "app:create_app")
    assert "FileExistsError" in result.output
    result.assert_outcomes(failed=1, errors=1, passed=1)


def test_one_offset_moves_without_the_other(visitor: Visitor, clock: Clock) -> None:
    clock.skew(browser=timedelta(days=2))
    clock.skew(site=timedelta(days=3))
    clock.travel_to(clock.now() + timedelta(days=10))
    site, browser = shown(visitor)
    assert abs(site - datetime.now(UTC) - timedelta(days=13)) < timedelta(seconds=5)
    assert abs(browser - datetime.now(UTC) - timedelta(days=12)) < timedelta(seconds=5)


def test_a_skew_of_which_one_half_is_refused_moves_neither(tmp_path: Path) -> None:
    clock = Clock(tmp_path, None)
    with clock.locked("the site stays", "site"), pytest.raises(CookieproofError, match="the site stays"):
        clock.skew(browser=timedelta(days=1), site=timedelta(days=1))
    assert not clock.moved


def test_backward_is_a_clear_error(clock: Clock) -> None:
    clock.advance(hours=1)
    moves: list[Callable[[], None]] = [
        lambda: clock.advance(minutes=-1),
        lambda: clock.travel_to(clock.now() - timedelta(minutes=1)),
        lambda: clock.skew(browser=timedelta(minutes=-1)),
    ]
    for move in moves:
        with pytest.raises(CookieproofError, match=r"moves forward only, and -1 minute.* is backward"):
            move()
    with pytest.raises(CookieproofError, match="has no time zone"):
        clock.travel_to(datetime(2099, 1, 1))
    with pytest.raises(
        CookieproofError, match=r"Instead, say clock\.skew\(browser=timedelta\(hours=2\)\), after which"
    ):
        clock.skew(site=timedelta(hours=-2))
    assert abs(clock.now() - datetime.now(UTC) - timedelta(hours=1)) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("units", "says"),
    [
        ({"days": 200000}, r"cannot be moved by 200000 days: it goes no further than the year 2099"),
        ({"days": math.inf}, r"it goes no further than the year 2099"),
        ({"days": -math.inf}, r"moves forward only"),
        ({"days": math.nan}, r"advance\(days=nan\) is no number: say how many days it is\."),
        ({"days": "6"}, r"advance\(days='6'\) is no number"),
        ({"day": 1}, r'advance\(day=…\) is no unit of time: choose among weeks, days, .*\. Did you mean "days"\?'),
    ],
)
def test_a_move_that_cannot_be_made_is_a_sentence(clock: Clock, units: dict[str, Any], says: str) -> None:
    with pytest.raises(CookieproofError, match=says):
        clock.advance(**units)
    assert not clock.moved


def test_a_cookie_ends_to_the_second_in_an_open_browser(visitor: Visitor, clock: Clock) -> None:
    visitor.goto("/script")  # document.cookie, 60 seconds
    visitor.goto("/")
    expect_cookie(visitor, "by_script").to_be_sent()
    end = visitor.stored["by_script"].expires
    assert end
    clock.travel_to(end - timedelta(seconds=10))  # the browser is asked meanwhile
    expect_cookie(visitor, "by_script").to_be_sent()
    clock.travel_to(end + timedelta(seconds=1))
    expect_cookie(visitor, "by_script").not_to_be_sent()


@pytest.mark.every_engine
def test_a_move_waits_for_what_is_on_its_way(visitor: Visitor, clock: Clock, site: Site) -> None:
    visitor.goto("/busy")  # its script asks for /slow, which takes its time
    before = clock.now()
    clock.advance(days=2)
    slow = wait_until(lambda: next((each for each in site.wire if each.path == "/slow"), None), "/slow", 30)
    assert slow
    assert slow.time - before < timedelta(seconds=30)


def test_a_page_that_is_not_on_the_clock_is_refused(request: pytest.FixtureRequest, page: Page) -> None:
    with pytest.raises(CookieproofError, match=r"pytest-playwright's page is not on the clock: use visitor\.page"):
        request.getfixturevalue("clock")


def test_a_missing_compiler_is_one_sentence(project: Project) -> None:
    project.test("def test_it(clock):\n    pass\n\ndef test_without_it(site):\n    assert site.url\n")
    programs = project.folder / "programs"
    programs.mkdir()
    (programs / "chromium").write_text("#!/bin/sh\n")
    (programs / "chromium").chmod(0o755)
    project.env |= {"PATH": str(programs), "XDG_CACHE_HOME": str(project.folder / "cache")}
    for ci, without, expected in [("", {"skipped": 1}, 0), ("true", {"errors": 1}, 1)]:
        project.env["CI"] = ci
        result = project.run("--site", "app:create_app")
        assert "The clock needs a C compiler once, and there is no cc: install gcc" in result.output
        result.assert_outcomes(passed=1, **without)  # what needs no clock needs no compiler
        assert "Traceback" not in result.output
        assert result.code == expected


def test_a_clock_that_does_not_work_stops_the_run(project: Project) -> None:
    moves = "(visitor, clock):\n    visitor.goto('/')\n    clock.skew(browser=timedelta(days=1))\n"
    project.test(f"from datetime import timedelta\n\ndef test_it{moves}\ndef test_too{moves}")
    cache = project.folder / "cache" / "cookieproof"
    cache.mkdir(parents=True)
    nothing = ["cc", "-shared", "-x", "c", "-o", str(cache / build().name), "/dev/null"]
    subprocess.run(nothing, check=True)
    project.env["XDG_CACHE_HOME"] = str(cache.parent)
    code, output = project.run("--site", "app:create_app")
    assert "The clock does not work with Chromium" in output
    assert "test_too" not in output.partition("short test summary")[2]
    assert code == 2


def test_a_site_that_is_not_on_the_clock_is_noticed_at_the_first_move(tmp_path: Path) -> None:
    clock, asked = Clock(tmp_path, None), list[datetime]()

    def shows() -> datetime:
        asked.append(datetime.now(UTC))
        return asked[-1]

    clock.check("site", "the site", shows)
    assert asked == []  # nothing was moved yet
    clock.skew(site=timedelta(days=1))
    with pytest.raises(ClockDoesNotWork, match="The clock does not work with the site: it shows "):
        clock.check("site", "the site", shows)
    clock.check("site", "the site", clock.now)
    clock.check("site", "the site", shows)  # it has been seen to work
    assert len(asked) == 1


WAITS = """
import ctypes, struct, time

c, now = ctypes.CDLL(None, use_errno=True), time.clock_gettime_ns
TIMED_OUT, ABSOLUTE = 110, 1
mutex = ctypes.create_string_buffer(64)

def moment(clock):
    return struct.pack("qq", *divmod(now(clock) + 100_000_000, 1_000_000_000))

def until(wait, clock, returns=TIMED_OUT):
    began = time.perf_counter()
    assert wait(moment(clock)) == returns
    assert 0.1 <= time.perf_counter() - began < 5, (wait, clock)

c.pthread_mutex_lock(mutex)
for clock in (time.CLOCK_REALTIME, time.CLOCK_MONOTONIC):
    attributes, condition = ctypes.create_string_buffer(16), ctypes.create_string_buffer(64)
    c.pthread_condattr_init(attributes)
    c.pthread_condattr_setclock(attributes, clock)
    c.pthread_cond_init(condition, attributes)
    until(lambda moment: c.pthread_cond_timedwait(condition, mutex, moment), clock)
    until(lambda moment: c.pthread_cond_clockwait(condition, mutex, clock, moment), clock)
    until(lambda moment: c.clock_nanosleep(clock, ABSOLUTE, moment, None), clock, 0)
    semaphore = ctypes.create_string_buffer(32)
    c.sem_init(semaphore, 0, 0)
    until(lambda moment: c.sem_clockwait(semaphore, clock, moment), clock, -1)
    assert ctypes.get_errno() == TIMED_OUT
    timer = c.timerfd_create(clock, 0)
    def fires(moment):
        c.timerfd_settime(timer, ABSOLUTE, bytes(16) + moment, None)
        return c.read(timer, ctypes.create_string_buffer(8), 8)
    until(fires, clock, 8)
until(lambda moment: c.sem_timedwait(semaphore, moment), time.CLOCK_REALTIME, -1)
"""


@pytest.mark.parametrize("moves", [{"days": 40}, {"minutes": 31, "awake": True}])
def test_a_wait_until_a_moment_lasts_as_long_as_it_should_on_a_clock_that_was_moved(
    clock: Clock, moves: dict[str, Any]
) -> None:
    """``awake`` moves the monotonic clocks, too."""
    clock.advance(**moves)
    env = {**os.environ, **clock.env("browser")}
    shows = [sys.executable, "-c", "import time; print(time.monotonic())"]
    ahead = float(subprocess.check_output(shows, env=env)) - time.monotonic()
    assert ahead > 1800 if "awake" in moves else ahead < 60
    subprocess.run([sys.executable, "-c", WAITS], env=env, check=True, timeout=30)
