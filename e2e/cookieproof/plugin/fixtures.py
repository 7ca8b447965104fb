"""The fixtures, which return what ``harness`` composes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn

import pytest
from playwright.sync_api import BrowserType

from cookieproof.browser.differences import DIFFERENCES
from cookieproof.browser.launcher import Launcher
from cookieproof.clock.clock import Clock
from cookieproof.cookies import exchange as wire
from cookieproof.cookies import timeline
from cookieproof.errors import CookieproofError
from cookieproof.harness import Harness
from cookieproof.plugin import options
from cookieproof.plugin.stash import (
    ARTIFACTS,
    DIFFERS,
    LAUNCHES,
    NOTES,
    RUN_FOLDER,
    SETTINGS,
    SITE,
    TIMELINE,
    WORKER_FOLDER,
)
from cookieproof.site.certificate import Certificate
from cookieproof.site.site import Site
from cookieproof.visitor.awake import what_slept
from cookieproof.visitor.new_visitor import NewVisitor
from cookieproof.visitor.visitor import Visitor

MakeLauncher = Callable[[Mapping[str, Any]], Launcher]


@pytest.fixture(scope="session")
def _worker(pytestconfig: pytest.Config) -> Iterator[Harness]:
    inherited = getattr(pytestconfig, "workerinput", {}).get(WORKER_FOLDER)
    run_folder = inherited or pytestconfig.stash[RUN_FOLDER].path
    harness = Harness(Path(tempfile.mkdtemp(dir=run_folder, prefix="worker-")), pytestconfig.rootpath)
    yield harness
    harness.close()


@pytest.fixture(scope="session")
def clock_environment(_worker: Harness) -> dict[str, str]:
    """Environment variables that put a process of your own, such as a Redis, on the site's clock, by preloading.

    Between two tests that clock goes back to the real time, which this process then sees.
    """
    return _worker.clock.env("site")


@pytest.fixture(scope="session")
def _certificate(_worker: Harness) -> Certificate:
    return _worker.sites.certificate


@pytest.fixture
def site(request: pytest.FixtureRequest, _worker: Harness, output_path: str) -> Iterator[Site]:
    """The served app: the one of ``--site``, of playwright.config.py or of ``@pytest.mark.site(app, **config)``.
    ``site.url``, ``site.at(host)`` and ``site.https.at(host)`` are its URLs; ``site.restart(**config)`` stops its
    process and starts it on the same port with these Flask values on top; ``site.log`` is what it has printed since
    the test began, and ``site.wire`` every exchange: visitor, clock time, method, path, status, ``Cookie`` and
    ``Set-Cookie``. An app that does not start fails the test with its last lines of output.
    """
    request.node.stash[ARTIFACTS] = []
    if TIMELINE in request.node.stash:  # left by an attempt that failed
        del request.node.stash[TIMELINE]
    clock, site = _worker.clock, _worker.site(options.site_spec_for(request))
    request.node.stash[SITE] = site
    with _worker.real_time_afterwards():
        with clock.on_move(check=site.check_clock, before=site.await_exchanges, after=site.note_move):
            yield site
        site.end()
        exchanges = site.wire
        request.node.stash.setdefault(TIMELINE, timeline.draw(site.events, exchanges))
        if _failed(request.node):
            folder = Path(output_path)
            folder.mkdir(parents=True, exist_ok=True)
            said = [("log", "site.log", site.told_log)] if site.has_log else []
            for kind, name, text in (*said, ("wire", "wire.txt", wire.lines(exchanges))):
                (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace")
                request.node.stash[ARTIFACTS].append((kind, folder / name))
        request.config.stash[NOTES].extend(f"{request.node.nodeid}: {slept}" for slept in what_slept(site))
        death, exposed = site.death, site.tell_exposed()
        request.config.stash[NOTES].extend(
            f"{host} was not reached: name it in hosts of web_server if it is the site, else in allow_hosts"
            for host in site.tell_refused()
        )
        if (failure := site.tell_failure()) and not death and not _failed(request.node):
            raise CookieproofError(failure)
        if exposed and not _failed(request.node):
            raise CookieproofError(exposed)
        if death and not site.death_is_told and not _failed(request.node):
            raise CookieproofError(death)


@pytest.fixture
def clock(request: pytest.FixtureRequest, site: Site, _worker: Harness, _clock_library: None) -> Clock:
    """The wall clock that the site and all visitors' browsers share: ``now()`` is an aware UTC datetime,
    ``advance(days=…, hours=…)`` and ``travel_to(moment)`` move it, ``skew(browser=timedelta)`` or ``skew(site=…)`` only
    one of them. It moves forward only, a running browser sees it at once, and pending requests are answered before.
    The timers of open pages do not fire, as on a machine that sleeps; with ``advance(minutes=31, awake=True)`` they do,
    a minute at a time or a ``step=`` of another length, and what they ask for is answered. The next test begins at the
    real time. It needs Linux and a C compiler, and is not pytest-playwright's ``page.clock``, by which no cookie ends.
    """
    if {"browser", "new_context"} & set(request.fixturenames):
        raise CookieproofError(
            "pytest-playwright's page is not on the clock: use visitor.page in a test that moves the clock."
        )
    return _worker.clock


@pytest.fixture(scope="session")
def _clock_library(pytestconfig: pytest.Config, _worker: Harness) -> None:
    """Skip or fail the test if the clock cannot be moved here. The first move checks that site and browser follow."""
    if _worker.no_clock:
        _is_missing(pytestconfig, _worker.no_clock)


@pytest.fixture(scope="session")
def _launcher(
    pytestconfig: pytest.Config,
    _worker: Harness,
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    browser_context_args: dict[str, Any],
) -> MakeLauncher:
    """Return a function that makes a launcher with pytest-playwright's options and further context options."""

    def make(more: Mapping[str, Any]) -> Launcher:
        return _worker.launcher(
            options.engine(pytestconfig),
            browser_type,
            browser_type_launch_args,
            {**browser_context_args, **more},
            pytestconfig.stash[LAUNCHES].append,
            _worker.folder.parent / "profile-template",
        )

    return make


@pytest.fixture
def new_visitor(
    request: pytest.FixtureRequest, site: Site, _worker: Harness, _launcher: MakeLauncher, output_path: str
) -> Iterator[NewVisitor]:
    """A function that makes further visitors, each with a browser profile of its own; they end with the test.

    ``new_visitor(restores_session=True)`` makes a visitor whose browser restores its last session, by the browser's
    setting; ``restores_session="flag"`` by a command-line flag.
    """
    marker = request.node.get_closest_marker("browser_context_args")
    launcher = _launcher(marker.kwargs if marker else {})
    get = request.config.getoption
    recorder = _worker.artifacts_recorder(
        launcher,
        **{option: get(f"--{option}") for option in ("tracing", "screenshot", "video")},
        full_page=get("--full-page-screenshot"),
        tell=request.config.stash[NOTES].append,
    )

    def keep() -> None:
        request.node.stash.setdefault(ARTIFACTS, []).extend(
            recorder.keep(Path(output_path), failed=_failed(request.node))
        )

    visitors: list[Visitor] = []
    with ExitStack() as stack:
        stack.callback(keep)
        new_visitor = stack.enter_context(_worker.visitors(site, launcher, recorder))

        def make(*, restores_session: bool | str = False) -> Visitor:
            visitors.append(new_visitor(restores_session=restores_session))
            return visitors[-1]

        yield make
        if _failed(request.node):
            for visitor in visitors:
                visitor.lives.keep_evidence()


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Visitor:
    """A new person: one browser profile, and a browser that opens at first use. ``goto(path, host=…)`` visits the site;
    ``page`` and ``context`` are Playwright's own; ``close(how=…)`` quits the browser and waits for its end, ``open()``
    starts it again, ``restart()`` does both, ``crash()`` kills it. ``back()`` and ``forward()`` go through the history
    and return where the page came from: "memory", "disk" or "site". ``sent(path)`` is what the browser really sends
    there, by name, and runs no route of the app; ``stored`` what it holds; ``on_disk`` what a closed profile holds;
    ``wire`` this visitor's exchanges. ``expect_cookie(visitor, name)`` promises something about a cookie.
    """
    return new_visitor()


def _failed(item: pytest.Item) -> bool:
    """Return whether the test failed or was interrupted: it has not passed and was not skipped."""
    # pytest-playwright leaves the reports on the test.
    reports = [getattr(item, f"rep_{when}", None) for when in ("setup", "call")]
    return not any(report and report.skipped for report in reports) and not (reports[1] and reports[1].passed)


def _is_missing(config: pytest.Config, what: str) -> NoReturn:
    """Fail with this reason if ``strict`` is set, else skip."""
    if config.stash[SETTINGS].strict:
        raise CookieproofError(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def missing(pytestconfig: pytest.Config) -> Callable[[str, str], NoReturn]:
    """A function that ends a test for lack of a program: ``missing("redis", "There is no redis-server …")``.

    It skips the test with this reason, and fails it where ``--require`` or playwright.config.py names the program.
    """

    def end(name: str, what: str) -> NoReturn:
        if options.is_required(pytestconfig, name):
            raise CookieproofError(f"{what} This run must have it: --require {name}.")
        pytest.skip(what)

    return end


@pytest.fixture
def declared(request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """A function that returns what this run's engine is declared to do: ``declared("lax_allowing_unsafe")``.

    A test asserts it. The report shows each difference from Chromium, with its source.
    """

    def look_up(name: str) -> Any:
        difference, engine = DIFFERENCES[name], options.engine(request.config)
        if engine.name not in difference.values:
            pytest.skip(f"nobody has declared yet for {engine.title} {difference.about}")
        value = difference.values[engine.name]
        if value != difference.values["chromium"]:
            differs = f"{difference.about}: {value} ({difference.source})"
            request.node.stash.setdefault(DIFFERS, []).append(differs)
        return value

    return look_up
