"""Whatever age, date, name or value a site or a test has, the harness raises no traceback of its own"""

from __future__ import annotations

import ast
import contextlib
import itertools
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

import hypothesis
import pytest
from hypothesis import Phase, example, given
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

from cookieproof import WITH_THE_BROWSER, CookieproofError, Lifetime, Visitor, expect_cookie
from cookieproof.browser import chromium, firefox
from cookieproof.clock.clock import END, Clock
from cookieproof.clock.moves import UNITS
from cookieproof.commands.discover.functions import Functions
from cookieproof.commands.discover.suggested_lifetimes import SuggestedLifetimes
from cookieproof.commands.discover.visits import NewCookie, age
from cookieproof.commands.discover.written import File, Run
from cookieproof.cookies import dates, timeline
from cookieproof.cookies import exchange as wire
from cookieproof.cookies.cookie_event import StoreSnapshot
from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.cookies.set_cookie import AGE_LIMIT
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.plugin.run_results import clean
from cookieproof.promises.lifetimes import LONGEST, SHORTEST, names_of
from cookieproof.promises.prove import prove
from cookieproof.report.files import read
from cookieproof.report.output import write_all
from cookieproof.visitor.pending_requests import PendingRequests
from cookieproof.visitor.store import Store
from cookieproof.words import MICROSECOND, duration, literal, quoted, shown, spelled
from cookieproof.words import UNITS as SECONDS
from selftests.support import made_up
from selftests.support.documents import ROOT

# Hypothesis keeps what it knows of characters, and the like, where a run keeps what it writes.
set_hypothesis_home_dir(ROOT / "test-results" / "hypothesis")
# A run never depends on luck, nor on the one before. No deadline: other processes may be at work. What fails is made
# smaller, but not varied to explain it, which takes minutes.
PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
settings = hypothesis.settings(derandomize=True, database=None, deadline=None, max_examples=100, phases=PHASES)

# Lone surrogates and control characters are text too.
TEXTS = st.text(st.characters(exclude_categories=()), max_size=12) | st.sampled_from(
    ["", '"', "\\", "\n", "\r\n", "\x00", "\x1b[2J", "\ud800", "\u2028", '"""', "'", "{}", "é", "漢", "🍪", "x" * 2000]
)
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))
SPANS = st.timedeltas() | st.timedeltas(SHORTEST, LONGEST) | st.sampled_from([timedelta.min, timedelta.max, AGE_LIMIT])
NUMBERS = st.integers() | st.sampled_from([10**11, 10**18, -(10**30), 10**400, 0])
AGES = NUMBERS.map(str) | st.sampled_from(["+60", "3_600", "٣", "6e1", "9" * 1025, ""]) | TEXTS
DATES = (
    st.datetimes().map(lambda each: f"{each:%a, %d %b} {each.year:04} {each:%H:%M:%S} GMT")
    | st.builds("{} {} {} {}:{}:{}".format, *[st.integers(0, 100), st.just("Feb"), *[st.integers(0, 10**6)] * 4])
    | st.sampled_from(["Fri, 31 Dec 9999 23:59:59 GMT", "31 Dec 99999 23:59:59", "Thu, 01 Jan 1970 00:00:00 -0500"])
    | TEXTS
)
ATTRIBUTES = st.one_of(
    AGES.map("Max-Age={}".format),
    DATES.map("Expires={}".format),
    TEXTS.map("Path=/{}".format),
    TEXTS.map("Domain={}".format),
    st.sampled_from(["Secure", "HttpOnly", "SameSite=None", "Partitioned"]),
    TEXTS,
)
NAMES = st.sampled_from(["a", "session", "漢", "x" * 300]) | TEXTS
HEADERS = st.builds("{}={}; {}".format, NAMES, TEXTS, st.lists(ATTRIBUTES, max_size=4).map("; ".join)) | TEXTS
COOKIES = HEADERS.map(SetCookie)
PATHS = TEXTS.map("/{}".format)
EXCHANGES = st.builds(
    Exchange,
    visitor=st.sampled_from([1, 2, None]),
    life=st.just(1),
    time=TIMES,
    method=st.just("GET"),
    host=st.sampled_from(["localhost", "x.localhost"]) | TEXTS,
    path=PATHS,
    status=st.sampled_from([200, 404, 500]),
    cookie=st.none() | HEADERS,
    set_cookies=st.lists(COOKIES, max_size=3).map(tuple),
)
EVENTS = st.builds(
    timeline.Event,
    time=TIMES,
    what=st.sampled_from(["browser closed", "browser opened", "site restarted", timeline.MOVED, "asked"]),
    detail=PATHS,
    visitor=st.sampled_from([1, 2, None]),
    host=st.just("localhost"),
    cookies=st.none() | st.lists(NAMES, max_size=2).map(tuple),
)
LIFETIMES = st.builds(
    Lifetime,
    NAMES,
    set_by=PATHS,
    lasts=st.timedeltas(SHORTEST, LONGEST).map(lambda span: timedelta(seconds=span // timedelta(seconds=1))),
    renewed_by=st.none() | PATHS,
    deleted_by=st.none() | PATHS,
    path=PATHS,
) | st.builds(Lifetime, NAMES, set_by=PATHS, lasts=st.just(WITH_THE_BROWSER), deleted_by=st.none() | PATHS)


def can_be_told(told: object) -> bool:
    """Whether it reaches a terminal, a file and the controller of a run with workers, all of which take UTF-8."""
    return bool(json.dumps(told, ensure_ascii=False).encode())


@settings
@given(COOKIES, TIMES)
def test_a_header_is_read(cookie: SetCookie, now: datetime) -> None:
    assert cookie.path("/x/y").startswith("/")
    expires, age = cookie.expires(now), dates.age(cookie.attributes.get("max-age", ""))
    assert expires is None or expires.utcoffset() == timedelta(0)
    if age is not None:
        assert expires and (expires > now) == (age > 0)
    assert can_be_told(str(cookie)) and "\n" not in str(cookie)


@settings
@given(DATES, st.datetimes(datetime(1970, 1, 1)).map(lambda each: each.replace(microsecond=0, tzinfo=UTC)))
def test_a_date_is_read(text: str, moment: datetime) -> None:
    found = dates.date(text)
    assert found is None or dates.EARLIEST <= found <= dates.LATEST
    assert dates.date(f"{moment:%A, %d-%b-%Y %H:%M:%S}") == moment


@settings
@given(EXCHANGES)
@example(Exchange(1, 1, END, "GET", "\ud800", "/\n", 200, "a=\ud800", (SetCookie(f"a={'x' * 2000}\x00"),)))
def test_an_exchange_is_told_whole(exchange: Exchange) -> None:
    assert can_be_told(list(exchange.cookies))
    told = wire.lines([exchange])
    assert can_be_told(told)
    assert len(told.splitlines()) == 1 + (exchange.cookie is not None) + len(exchange.set_cookies)
    assert "x" * 2000 in told or "x" * 2000 not in str([exchange.cookie, exchange.set_cookies])


@settings
@given(st.timedeltas() | SPANS, TEXTS)
def test_times_and_texts_are_spelled_and_said(time: timedelta, text: str) -> None:
    assert eval(spelled(time), {"timedelta": timedelta}) == time
    assert eval(literal(text)) == text
    words = duration(time).lstrip("-").split()
    if "milli" not in words[-1]:
        counts = {f"{unit.removesuffix('s')}s": int(count) for count, unit in zip(words[::2], words[1::2], strict=True)}
        seconds = sum(count * SECONDS[unit] for unit, count in counts.items())
        assert abs(seconds * 1_000_000 - abs(time) // MICROSECOND) <= 500_000
    for said in (shown(text), quoted(text)):
        assert can_be_told(said) and said.isprintable() and len(said) < 10 * 80


@settings
@given(NAMES | st.none(), PATHS | st.none() | NUMBERS, SPANS | TEXTS | NUMBERS, PATHS | TEXTS | NUMBERS)
def test_a_lifetime_is_declared_or_refused_in_a_sentence(name: Any, step: Any, lasts: Any, path: Any) -> None:
    try:
        lifetime = Lifetime(name, set_by=step, lasts=lasts, path=path)
    except CookieproofError as error:
        assert can_be_told(str(error))
        return
    assert isinstance(lasts, timedelta) and SHORTEST <= lasts <= LONGEST
    assert can_be_told([lifetime.promise, *names_of([lifetime])])


class World:
    """Visitor, browser and site at once, which answer this and that."""

    number = 1

    def __init__(self, clock: Clock, answers: list[tuple[list[SetCookie], bool]]) -> None:
        self.clock, self._answers, self._host = clock, itertools.cycle(answers), ""
        self.wire: list[Exchange] = []
        self.events: list[timeline.Event] = []
        self.site = self
        self.check_host = lambda host: None
        self.awake = SimpleNamespace(slept=[])
        self.engine = SimpleNamespace(reports_requests_late=False, reports_partitions=True)
        self.network_idle = self.store = self.lives = self.sent_cookies = self
        self.pending, self.snapshots = PendingRequests(), list[StoreSnapshot]()
        self.page = SimpleNamespace(url="", on=lambda *heard: None, remove_listener=lambda *heard: None)

    def kept_open(self, reason: str) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def require_full_browser(self) -> None: ...
    def restart(self) -> None: ...
    def leave(self) -> None: ...
    def crash(self) -> None: ...
    def note(self, *what: object, **more: object) -> None: ...
    def wait(self, seconds: float) -> None: ...
    def await_scripts_cookies(self) -> None: ...
    def snapshot(self) -> StoreSnapshot:
        return StoreSnapshot(tuple(self.stored_list), 0, 1, self.clock.now(), 0, network_is_idle=True)

    def is_static(self) -> bool:
        return True

    def at(self, host: str, *, https: bool | None = None) -> str:
        return f"https://{host}" if https else f"http://{host}"

    def move_to(self, host: str) -> None:
        self._host = host

    def origin_of(self, url: str) -> None: ...
    def goto(self, path: str) -> None:
        self.visit(self.at(self._host) + path)

    def visit(self, url: str) -> None:
        self._host, _, path = url.removeprefix("http://").partition("/")
        cookies, _ = next(self._answers)
        self.wire.append(Exchange(1, 1, self.clock.now(), "GET", self._host, f"/{path}", 200, None, tuple(cookies)))

    def held_at(self, url: str) -> list[StoredCookie]:
        self._host = urlsplit(url).hostname or ""
        return self.stored_list

    def ask(self, page: object, urls: list[str], origin: str) -> list[list[tuple[str, str]]]:
        names = {cookie.name for exchange in self.wire for cookie in exchange.set_cookies}
        return [[(name, "") for name in names] if next(self._answers)[1] else [] for _ in urls]

    @property
    def stored_list(self) -> list[StoredCookie]:
        return [
            StoredCookie(cookie.name, cookie.value, self._host, "/", cookie.expires(exchange.time), False, True, "")
            for exchange in self.wire
            for cookie in exchange.set_cookies
            if exchange.host == self._host
        ]

    def held_for(self, host: str) -> list[StoredCookie]:
        return self.stored_list


@pytest.fixture(scope="module")
def any_clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    return Clock(tmp_path_factory.mktemp("clock"), None)


@settings
@given(
    st.lists(LIFETIMES, min_size=1, max_size=3),
    st.lists(st.tuples(st.lists(COOKIES, max_size=2), st.booleans()), min_size=1, max_size=6),
    st.data(),
)
def test_a_lifetime_is_judged(
    any_clock: Clock, lifetimes: list[Lifetime], answers: list[tuple[list[SetCookie], bool]], data: st.DataObject
) -> None:
    # What is declared is now and then what is set.
    declared = [SetCookie(f"{each.name}=1; Max-Age=99999999999") for each in lifetimes]
    answers += [(declared, True)] if data.draw(st.booleans()) else []
    any_clock.reset()
    world = cast(Visitor, World(any_clock, answers))
    verdicts = prove(lifetimes, lambda: world, any_clock)
    assert verdicts.keys() == set(lifetimes)
    for lifetime, verdict in verdicts.items():
        assert can_be_told([verdict.text, verdict.timeline])
        headline = f"{lifetime}, should {lifetime.promise}, but "
        assert verdict.text.count(headline) == (verdict.outcome == "broken")
        assert verdict.text.startswith(headline) or verdict.outcome == "kept"


@settings
@given(age=SPANS, within=SPANS, cookie=COOKIES)
@example(age=timedelta.min, within=timedelta(0), cookie=SetCookie("a=1; Max-Age=99999999999"))
def test_an_age_is_expected(any_clock: Clock, age: timedelta, within: timedelta, cookie: SetCookie) -> None:
    world: Any = World(any_clock, [([cookie], True)])
    world.goto("/")
    world.sent_pairs, world.url, world.life = (lambda path, frame: []), "", 1
    actual = cookie.expires(world.wire[0].time)
    try:
        expect_cookie(world, cookie.name).to_expire_in(age, within)
    except AssertionError as error:
        assert can_be_told(str(error))
    else:
        assert actual
        off = (actual - world.wire[0].time).total_seconds() - age.total_seconds()
        assert abs(off) <= within.total_seconds()


PICTURES = (st.lists(EVENTS, max_size=6), st.lists(EXCHANGES, max_size=6))


@settings
@given(*PICTURES)
def test_a_picture_is_drawn(events: list[timeline.Event], exchanges: list[Exchange]) -> None:
    picture = timeline.draw(events, exchanges)
    assert can_be_told(picture)
    columns = range(len(picture["columns"]))
    for lane in picture["lanes"]:
        assert all(first in columns and last in columns and first <= last for first, last, _ in lane["bars"])
        assert all(column in columns and len(why) < 1000 for column, _, why in lane["marks"])


@hypothesis.settings(settings, max_examples=10, phases=[Phase.generate])  # each of them compiles the page
@given(*PICTURES)
def test_a_report_is_written(
    tmp_path_factory: pytest.TempPathFactory, events: list[timeline.Event], exchanges: list[Exchange]
) -> None:
    text = clean("".join(str(exchange.set_cookies) + exchange.host for exchange in exchanges))
    run = made_up.run(notes=[text])
    broken = made_up.attempt(run, "broken", text, timeline=timeline.draw(events, exchanges))
    told = made_up.check(run, text, broken, group=text)
    folder = tmp_path_factory.getbasetemp()
    write_all(made_up.left_by(run, [told]), folder, text)
    assert (folder / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert read(folder).checks[0].text == text


@settings
@given(
    TEXTS, st.lists(LIFETIMES, min_size=1, max_size=3), st.dictionaries(LIFETIMES, TEXTS, max_size=1), st.lists(TEXTS)
)
def test_what_discover_prints_is_python(
    app: str, proven: list[Lifetime], refuted: dict[Lifetime, str], remarks: list[str]
) -> None:
    file = File(Run(app, f"pytest {app}"), Functions())
    file.add_lifetimes(proven, refuted)
    printed = file.text(remarks)
    code = printed.encode("ascii", errors="backslashreplace")  # as a terminal without UTF-8 has it
    assert ast.parse(code).body
    for each in (printed, code):
        names: dict[str, Any] = {}
        exec(compile(each, "test_it.py", "exec"), names)
        assert names["test_lifetimes"].lifetimes == tuple(proven)


@settings
@given(COOKIES, TIMES)
def test_discover_guesses_what_can_be_declared(cookie: SetCookie, now: datetime) -> None:
    notes: list[str] = []
    lasts = age(cookie.expires(now), now)
    for lifetime in SuggestedLifetimes([], notes).suggest("/", NewCookie(cookie.name, cookie.path("/"), lasts)):
        assert lifetime.lasts == WITH_THE_BROWSER if lasts is None else SHORTEST <= lifetime.lasts <= AGE_LIMIT  # type: ignore[operator]
    assert len(notes) == (lasts is not None and not SHORTEST <= lasts <= AGE_LIMIT)


@settings
@given(
    st.dictionaries(st.sampled_from([*UNITS, "day", "months"]), st.floats() | NUMBERS | TEXTS, max_size=2),
    SPANS | TEXTS,
    SPANS,
    st.datetimes(timezones=st.just(UTC)) | st.datetimes() | TEXTS,
)
def test_the_clock_moves_or_says_why_not(any_clock: Clock, units: Any, browser: Any, site: Any, moment: Any) -> None:
    moves: list[Callable[[], None]] = [
        lambda: any_clock.advance(**units),
        lambda: any_clock.advance(**units, awake=True, step=browser),
        lambda: any_clock.skew(browser=browser, site=site),
        lambda: any_clock.travel_to(moment),
    ]
    for move in moves:
        any_clock.reset()
        try:
            move()
        except CookieproofError as error:
            assert can_be_told(str(error))
            assert not any_clock.moved
        assert any_clock.now("site") <= END + timedelta(seconds=60)


def test_what_a_browser_holds_is_read(tmp_path: Path) -> None:
    (tmp_path / "Default").mkdir()
    moments = [0, 1, -1, 2**63 - 1, -(2**63)]
    for file, table, columns in (
        (
            "Default/Cookies",
            "cookies",
            "name, host_key, path, expires_utc, is_httponly, is_secure, samesite, top_frame_site_key",
        ),
        ("cookies.sqlite", "moz_cookies", "name, host, path, expiry, isHttpOnly, isSecure, sameSite, originAttributes"),
    ):
        with contextlib.closing(sqlite3.connect(tmp_path / file)) as database, database:
            database.execute(f"CREATE TABLE {table} ({columns})")
            # Browsers write a name down as the site sent it, UTF-8 or not.
            rows = [("localhost", "/", moment, 0, 0, 1) for moment in moments]
            database.executemany(f"INSERT INTO {table} VALUES (CAST(x'ff' AS TEXT), ?, ?, ?, ?, ?, ?, '')", rows)
    start = datetime(1601, 1, 1, tzinfo=UTC)
    microsecond, second = timedelta(microseconds=1), timedelta(seconds=1)
    ends = [None, start + microsecond, start - microsecond, dates.LATEST, dates.EARLIEST]
    assert [cookie.expires for cookie in chromium.on_disk(tmp_path)] == ends
    on_disk = firefox.on_disk(tmp_path)
    assert [cookie.expires for cookie in on_disk][3:] == ends[3:]
    assert str(on_disk[0]) == "\ufffd for localhost/, until 1970-01-01 00:00:00 UTC"

    cookie = dict.fromkeys(("name", "value", "domain", "path", "sameSite"), "") | {"httpOnly": False, "secure": False}
    store: Any = SimpleNamespace(_clock=SimpleNamespace(now=lambda offset: dates.EPOCH))
    alive = Store._alive(store, [cast(Any, cookie | {"expires": moment}) for moment in moments])
    assert [each.expires for each in alive] == [None, dates.EPOCH + second, None, dates.LATEST, None]
