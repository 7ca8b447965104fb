"""Open pages live through a move of the clock, timers and all"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.sync_api import Error, Page

from cookieproof import Clock, CookieproofError, NewVisitor, Site, Visitor
from cookieproof.browser.chromium import CHROMIUM
from cookieproof.browser.engine import Engine
from cookieproof.browser.firefox import FIREFOX
from cookieproof.browser.webkit import WEBKIT
from cookieproof.clock.clock import ClockDoesNotWork
from cookieproof.errors import Unsupported
from cookieproof.visitor.awake import BEAT, TIMER, Awake
from cookieproof.visitor.pending_requests import PendingRequests
from cookieproof.visitor.polls import Polls
from selftests.support.project import E2E, Project

pytestmark = pytest.mark.site("../apps/awake.py:create_app")
IN_PAGES = ("page", "frame0", "frame1", "dedicated", "shared")
MINUTES = 8
MINUTE = timedelta(minutes=1)


def beats(visitor: Visitor) -> dict[str, list[dict[str, float]]]:
    """When each page, frame and worker has asked for /beat, by its own clocks and the site's, in milliseconds."""
    heard: defaultdict[str, list[dict[str, float]]] = defaultdict(list)
    for beat in json.loads(visitor.goto("/beats").text()):
        heard[beat.pop("who")].append({name: float(value) for name, value in beat.items()})
    return heard


def check_that_waits_are_as_ever(visitor: Visitor) -> None:
    """A timer of 50 ms takes 50 ms, and so does what Playwright waits for."""
    began = time.monotonic()
    visitor.page.evaluate("new Promise(done => setTimeout(done, 50))")
    assert 0.05 <= time.monotonic() - began < 30
    began = time.monotonic()
    with pytest.raises(Error, match="Timeout 300ms exceeded"):
        visitor.page.locator("#nothing").wait_for(timeout=300)
    assert 0.3 <= time.monotonic() - began < 30


class Stopped:
    """A page, and its frame, whose own clock stands still."""

    url = "http://localhost/"
    workers: Sequence[Any] = ()

    def __init__(self) -> None:
        self.frames, self._impl_obj, self.page, self.main_frame = [self], self, self, self

    def is_detached(self) -> bool:
        return False

    async def evaluate(self, script: str, argument: object) -> int:
        return 1

    def _sync(self, asking: Coroutine[Any, Any, Any]) -> Any:
        with ThreadPoolExecutor() as elsewhere:  # Playwright's own loop runs here
            return elsewhere.submit(asyncio.run, asking).result()


@pytest.mark.every_engine
def test_timers_fire_in_order_and_on_site_and_browser_alike(
    visitor: Visitor, clock: Clock, site: Site, declared: Callable[[str], Any]
) -> None:
    """Those of pages, frames and workers, with an event stream that is open all the while."""
    visitor.goto("/lively")
    visitor.page.get_by_text("all is there").wait_for()
    before = clock.now()
    clock.advance(minutes=MINUTES, awake=True)
    assert timedelta(minutes=MINUTES) <= clock.now() - before < timedelta(minutes=MINUTES + 1)
    assert visitor.page.evaluate("due") == ["first", "then", 3, 5, 7]
    assert visitor.page.title() == "streaming"
    assert [event.detail for event in site.events if event.what == "clock moved"] == ["+0:08:00 (pages awake)"]
    check_that_waits_are_as_ever(visitor)

    heard = beats(visitor)
    outlives = declared("service_worker_outlives_idle_time")
    assert len(heard["service"]) == MINUTES if outlives else len(heard["service"]) <= 1
    for who in (*IN_PAGES, *(["service"] if outlives else [])):
        assert [beat["beats"] for beat in heard[who]] == [*range(1, MINUTES + 1)], who
        assert all(abs(beat["site"] - beat["date"]) < 5_000 for beat in heard[who]), who
        for clocks in ("site", "date", "now"):
            gaps = [after[clocks] - before[clocks] for before, after in itertools.pairwise(heard[who])]
            assert all(55_000 < gap < 75_000 for gap in gaps), (who, clocks, gaps)

    visitor.restart()  # which has the same offsets from its beginning
    visitor.goto("/beating?who=next")
    check_that_waits_are_as_ever(visitor)
    clock.travel_to(clock.now() + 3 * MINUTE, awake=True, step=timedelta(seconds=90))
    assert len(beats(visitor)["next"]) == 2


def test_who_leaves_a_page_open_is_judged_by_what_it_does_meanwhile(visitor: Visitor, clock: Clock) -> None:
    """The session ends after 30 idle minutes, but a page that polls is never idle; another signs out by itself."""

    def is_signed_in(after: int, *, on: str, awake: bool) -> bool:
        visitor.goto(f"/sign-in?to={on}")
        clock.advance(minutes=after, awake=awake, step=5 * MINUTE if awake else None)
        if on == "/polling":
            visitor.goto("/")
        return "Signed in as Ada" in visitor.page.inner_text("body")

    assert not is_signed_in(31, on="/polling", awake=False)  # the promise seems kept, since the page slept
    assert is_signed_in(31, on="/polling", awake=True)
    assert is_signed_in(16, on="/leaving", awake=False)  # the promise seems broken, for the same reason
    assert not is_signed_in(16, on="/leaving", awake=True)


def test_what_a_page_asks_by_a_dialog_is_answered_at_once_though_nobody_is_there(
    visitor: Visitor, clock: Clock
) -> None:
    """A person who is away answers nothing: their page stands still, and they stay signed in."""
    visitor.goto("/sign-in?to=/asking")
    clock.advance(minutes=9, awake=True)
    assert "Signed in as Ada" in visitor.page.inner_text("body")
    clock.advance(minutes=2, awake=True)
    assert visitor.page.inner_text("body") == "Signed out"


POLLING = """
import pytest
from cookieproof import expect_cookie

def test_it(visitor, clock):
    visitor.goto("/")
    visitor.goto("/sign-in?to=/polling?every=500")
    for _ in range(6):
        visitor.page.wait_for_event("requestfinished")
    clock.advance(minutes=31)
    expect_cookie(visitor, "session").never_to_be_set()
"""
NAMED = "/polling asks for GET /ping by a timer"


def test_a_page_that_polls_and_slept_is_named_in_the_failure_and_in_the_report(project: Project) -> None:
    app = (E2E / "selftests" / "apps" / "awake.py").read_text()
    (project.folder / "app.py").write_text(app)
    project.test(POLLING)
    code, output = project.run("--site", "app:create_app")
    assert code == 1
    assert f"    slept:      {NAMED}, but not while the clock moved" in output
    failure, _, rest = output.partition("= promises =")
    cure = "which has not fired while the clock moved: say clock.advance(…, awake=True), or leave the page before"
    assert f"{NAMED}, {cure}" in failure.replace("\n", " ")
    assert f"]: {NAMED}, {cure}" in rest
    assert NAMED in (project.folder / "test-results" / "report.html").read_text()


def request_of(frame: Stopped, second: float, **more: Any) -> Any:
    """A request that a frame's script makes at this second."""
    request = {"method": "GET", "url": "http://localhost/ping?n=1", "resource_type": "fetch", "frame": frame}
    request |= {"timing": {"startTime": (second + 1) * 1000}, "is_navigation_request": lambda: False}
    return SimpleNamespace(**{**request, **more})


@pytest.mark.parametrize(
    ("seconds", "named"),
    [
        ([0, 0.9, 2, 3.1], True),
        ([0, 5, 6, 7], True),
        ([0, 0.9, 3], False),  # a person
        ([0, 0.05, 0.1, 0.15], False),  # a script that asks for one thing after the other
        ([0, 1], False),
    ],
)
def test_regular_gaps_are_those_of_a_timer(seconds: list[float], *, named: bool) -> None:
    polls, page = Polls(PendingRequests()), Stopped()

    def ask(second: float, **more: Any) -> None:
        polls.begin(request_of(page, second, **more))

    for second in seconds:
        ask(second)
    assert polls.found(cast(Any, [page])) == (["/ asks for GET /ping"] if named else [])
    if len(seconds) > 2:  # what is asked while the test does nothing is asked by the page
        with polls.by_itself():
            ask(100)
        assert polls.found(cast(Any, [page])) == ["/ asks for GET /ping"]
    ask(200, is_navigation_request=lambda: True)
    assert polls.found(cast(Any, [page])) == []


@pytest.mark.whole_browser
def test_pages_that_came_back_with_the_session_live_on(new_visitor: NewVisitor, clock: Clock) -> None:
    visitor = new_visitor(restores_session=True)
    visitor.goto("/beating?who=restored")
    visitor.restart()
    clock.advance(minutes=3, awake=True)
    assert len(beats(visitor)["restored"]) == 3


@pytest.mark.parametrize(
    ("move", "says"),
    [
        (
            lambda clock: clock.advance(days=2, awake=True),
            r"by 2 days would take 2880 steps, and 2000 is the most, .*: give a longer one, as "
            r"step=timedelta\(seconds=87\), or move a part of the way without awake\.",
        ),
        (
            lambda clock: clock.travel_to(clock.now() + timedelta(hours=1), awake=True, step=timedelta(seconds=1)),
            r"would take 3600 steps, .* as step=timedelta\(seconds=2\)",
        ),
        (lambda clock: clock.advance(minutes=1, step=MINUTE), r"^step= is for open pages .*: say awake=True"),
        (lambda clock: clock.advance(minutes=1, awake=True, step=0 * MINUTE), r"is no step forward: give a timedelta"),
        (lambda clock: clock.advance(minutes=1, awake=True, step=60), r"^step=60 is no step forward"),
        (lambda clock: clock.advance(minutes=-1, awake=True), r"moves forward only"),
        (lambda clock: clock.advance(days=200_000, awake=True), r"it goes no further than the year 2099"),
    ],
)
def test_a_move_that_cannot_be_made_awake_is_a_sentence(clock: Clock, move: Callable[[Clock], None], says: str) -> None:
    with pytest.raises(CookieproofError, match=says):
        move(clock)
    assert not clock.moved


def awake_in(polls: Polls | None = None, **lives: Any) -> Awake:
    """That of a visitor whose browser is not open, or is not there."""
    nothing_open = {"pages": [], "context": None, **lives}
    polls = polls or Polls(PendingRequests())
    return Awake(cast(Any, SimpleNamespace(**nothing_open)), polls, cast(Any, None), 1, 5)


def test_what_cannot_live_through_it_is_refused_before_anything_moves(clock: Clock, tmp_path: Path) -> None:
    with clock.on_move(awake_pages=awake_in(engine=WEBKIT)):
        with pytest.raises(
            Unsupported, match="the pages of WebKit cannot live through a move of the clock: nobody has"
        ):
            clock.advance(minutes=1, awake=True)
        assert not clock.moved
        clock.advance(minutes=1)
    with pytest.raises(CookieproofError, match="Open pages live through a move of the clock only where its library"):
        Clock(tmp_path, None).advance(minutes=1, awake=True)


def test_a_browser_whose_timers_do_not_follow_stops_the_run(clock: Clock) -> None:
    awake = awake_in(engine=replace(CHROMIUM, shared_workers=None), pages=[Stopped()])
    with (
        clock.on_move(awake_pages=awake),
        pytest.raises(ClockDoesNotWork, match=r"performance\.now\(\) has not moved by 1 min"),
    ):
        clock.advance(minutes=1, awake=True)


class Woken(Stopped):
    """A frame or a worker that says what it was asked to run, and with what; it then asks the site for something."""

    def __init__(self, asked: list[Any], name: str, polls: Polls) -> None:
        super().__init__()
        self._asked, self._name, self._polls = asked, name, polls

    async def evaluate(self, script: str, argument: object) -> int:
        self._asked.append((self._name, script, argument))
        self._polls.begin(request_of(self, 3 ** len(self._asked)))
        return len(self._asked) * 100_000  # its clock goes on, and so does the number of its timer


@pytest.mark.parametrize("engine", [CHROMIUM, FIREFOX], ids=lambda engine: str(engine.browser))
def test_each_frame_and_worker_is_woken_after_a_step(engine: Engine) -> None:
    """A busy machine wakes them by itself as often as not, so that only this shows who is not."""
    asked: list[Any] = []
    polls = Polls(PendingRequests())
    page, frame, dedicated, service = (
        Woken(asked, name, polls) for name in ("page", "frame", "dedicated worker", "service worker")
    )
    page.frames, page.workers = [page, frame], [dedicated]
    shared = SimpleNamespace(run=lambda script, _: asked.append(("shared", script, None)), end=lambda: None)
    lives = {
        "engine": replace(engine, shared_workers=engine.shared_workers and (lambda _: shared)),
        "pages": [page],
        "context": SimpleNamespace(service_workers=[service]),
    }
    awake = awake_in(polls, **lives)
    awake.prepare()
    awake.live(MINUTE)
    of_frames = [("page", TIMER), ("frame", TIMER)]
    of_workers = [("dedicated worker", TIMER), ("service worker", TIMER), ("shared", f"({TIMER})()")]
    woken = [each[:2] for each in asked if TIMER in each[1]]
    assert woken == of_frames + ([] if engine.one_thread_has_all_timers else of_workers)

    asked.clear()
    awake.prepare()
    awake.live(MINUTE)
    # In Firefox the beat of each frame, which is its second timer here, wakes all, and is ended afterwards.
    begun = [each[:2] for each in asked if each[1] == BEAT]
    assert begun == ([("page", BEAT), ("frame", BEAT)] if engine.one_thread_has_all_timers else [])
    ended = {name: argument for name, script, argument in asked if script == TIMER}
    assert bool(ended["page"] and ended["frame"]) == engine.one_thread_has_all_timers
    awake.live(MINUTE)
    # What a page asks for while it is woken it asks for by itself, however irregular it is.
    assert "/ asks for GET /ping" in polls.found(cast(Any, [page]))


def test_what_a_shared_worker_asks_for_by_a_timer_is_answered_before_the_next_step(visitor: Visitor) -> None:
    """Playwright does not report it, and the recorder may hear of it too late: the next step would come before it."""
    visitor.goto("/lively")
    visitor.page.get_by_text("all is there").wait_for()
    find = CHROMIUM.shared_workers
    assert find
    shared_workers = find(visitor.page)
    shared_workers.run("fetch('/slow'); new Promise(done => setTimeout(done, 4))", 5)
    assert [exchange.status for exchange in visitor.wire if exchange.path == "/slow"] == [200]


def test_what_a_step_brings_about_is_waited_for_before_the_next(clock: Clock) -> None:
    told: list[str] = []

    class RecordedCalls:
        def prepare(self) -> None:
            told.append("prepare")

        def live(self, step: timedelta) -> None:
            told.append("live")

    with clock.on_move(before=lambda: told.append("wait"), awake_pages=RecordedCalls()):
        clock.advance(minutes=2, awake=True)
    assert told == ["wait", "prepare", "live", "wait", "prepare", "live", "wait"]


@pytest.mark.every_engine
def test_playwrights_own_clock_fires_nothing_on_an_open_page_and_is_ahead_on_later_ones(page: Page) -> None:
    """Once this fails, there may be a simpler way than a second offset of the preload library."""

    def ahead() -> float:
        shown: float = page.evaluate("Date.now()")
        return shown / 1000 - time.time()

    page.goto("data:text/html,<title>open</title>")
    page.evaluate("setTimeout(() => { document.title = 'fired' }, 60_000)")
    page.clock.install()
    page.clock.run_for(120_000)
    assert page.title() == "open"
    assert 115 < ahead() < 125
    page.goto("data:text/html,<title>later</title>")
    assert 115 < ahead() < 125
