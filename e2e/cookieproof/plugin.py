"""The pytest plugin: hooks and thin fixtures. The objects live in the modules named after them."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn

import pytest
from playwright.sync_api import BrowserType, expect

from cookieproof import neighbours, options, overrides, summary, timeline, wire
from cookieproof.certificate import Certificate
from cookieproof.clock import Clock, ClockDoesNotWork, build
from cookieproof.engines import DIFFERENCES
from cookieproof.errors import CookieproofError
from cookieproof.folder import RunFolder, once_a_run, sweep
from cookieproof.interrupt import Interrupts
from cookieproof.launcher import Launcher
from cookieproof.lifetimes import WITH_THE_BROWSER, Lifetime
from cookieproof.options import SETTINGS
from cookieproof.recorder import Recorder
from cookieproof.schedule import Verdict, prove
from cookieproof.server import Elsewhere, Servers, Site
from cookieproof.summary import LAUNCHES, NOTES
from cookieproof.visitor import Visitor

RUN_FOLDER = pytest.StashKey[RunFolder]()
ARTIFACTS = pytest.StashKey[list[tuple[str, Path]]]()
TIMELINE = pytest.StashKey[dict[str, Any]]()
SITE = pytest.StashKey[Site]()
MakeLauncher = Callable[[Mapping[str, Any], Clock], Launcher]
WORKER_FOLDER = "cookieproof_folder"

# --- configuration


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Make one of file and command line, before any other plugin looks at its options."""
    try:
        options.apply(config)
    except CookieproofError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "site(app, **config): serve this app, or the configured one, with this Flask configuration"
    )
    config.stash[LAUNCHES], config.stash[NOTES] = [], []
    # Fixtures that override pytest-playwright's come last, else the order of installation decides.
    config.pluginmanager.register(overrides, "cookieproof-overrides")
    config.pluginmanager.register(neighbours, "cookieproof-neighbours")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(summary.Summary(config), "cookieproof-summary")
    if timeout := config.stash[SETTINGS].expect.get("timeout"):
        expect.set_options(timeout=timeout)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    try:
        options.choose_tests(config, items)
        options.allow_time(config, items)
    except CookieproofError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Make the run's folders, before xdist starts its workers."""
    config = session.config
    config.add_cleanup(Interrupts().close)
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    _empty_output(config)
    sweep()
    folder = config.stash[RUN_FOLDER] = RunFolder()
    config.add_cleanup(folder.close)
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    if "PYTEST_DEBUG_TEMPROOT" not in os.environ:  # tmp_path stays where pytest keeps it
        patch.setenv("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
    # What Playwright, its browsers, pytest-playwright and the site write is swept with the folder.
    patch.setenv("TMPDIR", str(folder.path))
    patch.setattr(tempfile, "tempdir", str(folder.path))


def _empty_output(config: pytest.Config) -> None:
    output = Path(config.option.output).absolute()
    if config.rootpath.is_relative_to(output):
        raise pytest.UsageError(f"--output {output} would be emptied, and holds the project: name a folder of its own.")
    try:
        if output.exists():
            shutil.rmtree(output)
        output.mkdir(parents=True)
    except OSError as error:
        raise pytest.UsageError(
            f"The output folder {output} cannot be written: {error.strerror}. Name another with --output."
        ) from None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker where to keep what is temporary."""
    node.workerinput[WORKER_FOLDER] = str(node.config.stash[RUN_FOLDER].path)


# --- results


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, pytest.TestReport]:
    report: Any = yield
    if call.excinfo and call.when != "call" and isinstance(call.excinfo.value, CookieproofError):
        report.longrepr = str(call.excinfo.value)
    if call.excinfo and isinstance(call.excinfo.value, ClockDoesNotWork):
        item.session.shouldstop = str(call.excinfo.value)
    site = item.stash.get(SITE, None)
    if report.failed and site and (death := site.await_death() if _is_playwrights(call) else site.death):
        report.sections.append(("The site", death))  # explains what Playwright says in its own words
    # An attribute of the report, since that is what xdist carries from a worker.
    report.cookieproof = summary.told_by(item)
    if call.when == "teardown":
        report.cookieproof["timeline"] = item.stash.get(TIMELINE, None)
        # As pytest-playwright names its own; JUnit XML has them as properties.
        here = item.config.invocation_params.dir
        artifacts = item.stash.get(ARTIFACTS, [])
        if group := report.cookieproof["group"]:
            report.user_properties.append(("promise", group))
        report.user_properties += [(f"playwright_{kind}", os.path.relpath(path, here)) for kind, path in artifacts]
    result: pytest.TestReport = report
    return result


# --- fixtures


@dataclasses.dataclass(frozen=True)
class Worker:
    """What one worker has for the whole run: a folder, the apps it serves, and numbers for its visitors.

    A number is never used twice: a request that the last test left behind is nobody's in the next.
    """

    folder: Path
    clock: Clock
    servers: Servers
    numbers: Iterator[int] = dataclasses.field(default_factory=lambda: itertools.count(1))


@pytest.fixture(scope="session")
def _worker(pytestconfig: pytest.Config) -> Iterator[Worker]:
    inherited = getattr(pytestconfig, "workerinput", {}).get(WORKER_FOLDER)
    run_folder = inherited or pytestconfig.stash[RUN_FOLDER].path
    folder = Path(tempfile.mkdtemp(dir=run_folder, prefix="worker-"))
    try:
        library = build() if sys.platform == "linux" else None
    except CookieproofError:
        library = None  # the clock fixture says so; what needs no clock needs no compiler
    clock = Clock(folder, library)
    worker = Worker(folder, clock, Servers(pytestconfig.rootpath, folder, clock))
    yield worker
    worker.servers.close()


@pytest.fixture(scope="session")
def clock_environment(_worker: Worker) -> dict[str, str]:
    """Environment variables that put a process of your own, a Redis say, on the clock that the site shares with the
    browsers, by preloading it. Between two tests that clock goes back to the real time, which this process then sees.
    """
    return _worker.clock.env("site")


@pytest.fixture(scope="session")
def _certificate(_worker: Worker) -> Certificate:
    return _worker.servers.certificate


@pytest.fixture
def site(request: pytest.FixtureRequest, _worker: Worker, output_path: str) -> Iterator[Site]:
    """The served app: the one of ``--site``, of playwright.config.py or of ``@pytest.mark.site(app, **config)``.
    ``site.url``, ``site.at(host)`` and ``site.https.at(host)`` are its URLs; ``site.restart(**config)`` stops its
    process and starts it on the same port with these Flask values on top; ``site.log`` is what it has printed since
    the test began, and ``site.wire`` every exchange: visitor, clock time, method, path, status, ``Cookie`` and
    ``Set-Cookie``. An app that does not start fails the test with its last lines of output.
    """
    request.node.stash[ARTIFACTS] = []
    if TIMELINE in request.node.stash:  # of an attempt that failed
        del request.node.stash[TIMELINE]
    chosen, clock = options.chosen_site(request), _worker.clock
    if chosen.base_url:
        site: Site = Elsewhere(chosen.base_url, clock)
    else:
        site = _worker.servers.site(chosen.app, chosen.config, chosen.env, chosen.setup, https=chosen.https)
    request.node.stash[SITE] = site
    clock.after_move = [site.note_move]
    yield site
    exchanges = site.wire
    request.node.stash.setdefault(TIMELINE, timeline.draw(site.events, exchanges))
    if _failed(request.node):
        folder = Path(output_path)
        folder.mkdir(parents=True, exist_ok=True)
        said = [("log", "site.log", site.log)] if site.served else []
        for kind, name, text in (*said, ("wire", "wire.txt", wire.lines(exchanges))):
            (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace")
            request.node.stash[ARTIFACTS].append((kind, folder / name))
    clock.after_move, clock.stopped = [], {}
    death = site.death
    if clock.moved:
        _worker.servers.stop()  # no process may see time go backward
        clock.reset()
    if death and not site.death_is_told and not _failed(request.node):
        raise CookieproofError(death)


@pytest.fixture
def clock(request: pytest.FixtureRequest, site: Site, _worker: Worker, _clock_library: None) -> Clock:
    """The wall clock that the site and all visitors' browsers share: ``now()`` is an aware UTC datetime,
    ``advance(days=…, hours=…)`` and ``travel_to(moment)`` move it, ``skew(browser=timedelta)`` or ``skew(site=…)`` one
    hand alone. It moves forward only, a running browser sees it at once, and what is on its way arrives before. The
    next test begins at the real time. It needs Linux and a C compiler, and is not pytest-playwright's ``page.clock``,
    by which no cookie ends.
    """
    if {"browser", "new_context"} & set(request.fixturenames):
        raise CookieproofError(
            "pytest-playwright's page is not on the clock: use visitor.page in a test that moves the clock."
        )
    if not site.served:
        _worker.clock.stopped["site"] = (
            f"{site.url} runs elsewhere, on a clock of its own: skew(browser=…) moves the browser's alone."
        )
    return _worker.clock


@pytest.fixture(scope="session")
def _clock_library(pytestconfig: pytest.Config) -> None:
    """The clock can be moved here at all. Whether site and browser follow is seen at its first move."""
    if sys.platform != "linux":
        _is_missing(pytestconfig, "The clock needs Linux: it is preloaded into site and browser (LD_PRELOAD).")
    try:
        build()
    except CookieproofError as error:
        _is_missing(pytestconfig, str(error))


@pytest.fixture(scope="session")
def _launcher(
    pytestconfig: pytest.Config,
    _worker: Worker,
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    browser_context_args: dict[str, Any],
) -> MakeLauncher:
    """Makes what starts browsers with pytest-playwright's options, some more context options, and a clock."""

    def make(more: Mapping[str, Any], clock: Clock) -> Launcher:
        return Launcher(
            options.engine(pytestconfig),
            browser_type,
            browser_type_launch_args,
            {**browser_context_args, **more},
            clock.env("browser"),
            pytestconfig.stash[LAUNCHES].append,
            _worker.folder.parent / "profile-template",
        )

    return make


@pytest.fixture
def new_visitor(
    request: pytest.FixtureRequest, site: Site, _worker: Worker, _launcher: MakeLauncher, output_path: str
) -> Iterator[Callable[[], Visitor]]:
    """Makes further visitors, each with a browser profile of its own; all are closed after the test.
    ``new_visitor(restores_session=True)`` makes one whose browser continues where it was left, as a setting of theirs
    says; ``restores_session="flag"`` one whose browser is started so.
    """
    marker = request.node.get_closest_marker("browser_context_args")
    launcher = _launcher(marker.kwargs if marker else {}, _worker.clock)
    visitors: list[Visitor] = []
    get = request.config.getoption
    recorder = Recorder(
        Path(tempfile.mkdtemp(dir=_worker.folder, prefix="records-")),
        **{option: get(f"--{option}") for option in ("tracing", "screenshot", "video")},
        full_page=get("--full-page-screenshot"),
        no_video=launcher.no_video,
        tell=request.config.stash[NOTES].append,
    )

    def keep() -> None:
        request.node.stash[ARTIFACTS] += recorder.keep(Path(output_path), failed=_failed(request.node))

    with ExitStack() as stack:
        stack.callback(keep)
        stack.callback(_worker.clock.before_move.clear)

        def make(*, restores_session: bool | str = False) -> Visitor:
            number = next(_worker.numbers)
            profile = _worker.folder / f"profile-{number}"
            stack.callback(shutil.rmtree, profile, ignore_errors=True)
            nickname = f"visitor-{len(visitors) + 1}"
            visitor = Visitor(number, site, _worker.clock, launcher, profile, recorder, nickname, restores_session)
            _worker.clock.before_move.append(visitor.settle)
            _worker.clock.after_move.append(lambda by, hands: visitor.check_clock())
            visitors.append(visitor)
            stack.callback(visitor.end)
            return visitor

        yield make
        if _failed(request.node):
            for visitor in visitors:
                visitor.keep_evidence()


@pytest.fixture
def visitor(new_visitor: Callable[[], Visitor]) -> Visitor:
    """A new person: one browser profile, and a browser that opens at first use. ``goto(path, host=…)`` visits the site;
    ``page`` and ``context`` are Playwright's own; ``close(how=…)`` quits the browser and waits for its end, ``open()``
    starts it again, ``restart()`` does both, ``crash()`` kills it. ``sent(path)`` is what the browser really sends
    there, by name, and runs no route of the app; ``stored`` what it holds; ``on_disk`` what a closed profile holds;
    ``wire`` this visitor's exchanges. ``expect_cookie(visitor, name)`` promises something about a cookie.
    """
    return new_visitor()


@pytest.fixture
def verdicts_on_lifetimes(request: pytest.FixtureRequest, _worker: Worker) -> dict[Lifetime, Verdict]:
    """For the tests that ``prove_lifetimes`` makes: the verdicts on its lifetimes. One worker proves them for all.

    A test that is run again has its own lifetime proven anew, at hosts that have not been visited before.
    """
    of_this_pass = [item for item in request.session.items if _pass_of(item) == _pass_of(request.node)]
    lifetimes = list(dict.fromkeys(item.callspec.params["lifetime"] for item in of_this_pass))  # type: ignore[attr-defined]
    this, first = request.node.callspec.params["lifetime"], 1
    if attempt := neighbours.attempt_of(request.node):
        first += attempt * len(lifetimes) + lifetimes.index(this)
        lifetimes = [this]

    def make() -> str:
        no_clock = ""
        if any(lifetime.lasts != WITH_THE_BROWSER for lifetime in lifetimes):
            try:
                request.getfixturevalue("clock")
            except pytest.skip.Exception as skipped:
                no_clock = str(skipped)
        verdicts = prove(lifetimes, request.getfixturevalue("new_visitor"), _worker.clock, no_clock, first)
        return json.dumps([dataclasses.asdict(verdicts[lifetime]) for lifetime in lifetimes])

    name = hashlib.sha256(of_this_pass[0].nodeid.encode()).hexdigest()[:16]
    told = json.loads(make() if attempt else once_a_run(_worker.folder.parent / f"lifetimes-{name}", make))
    verdicts = {lifetime: Verdict(**each) for lifetime, each in zip(lifetimes, told, strict=True)}
    request.node.stash[TIMELINE] = verdicts[this].timeline
    return verdicts


def _pass_of(item: pytest.Item) -> object:
    """What the tests of one list of lifetimes have in common: all but the lifetime. Other parameters have their own."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    return item.nodeid.partition("[")[0], {name: parameters[name] for name in parameters if name != "lifetime"}


def _is_playwrights(call: pytest.CallInfo[None]) -> bool:
    from playwright.sync_api import Error

    return bool(call.excinfo and isinstance(call.excinfo.value, Error))


def _failed(item: pytest.Item) -> bool:
    """Whether the test has not passed and was not skipped: it failed, or was interrupted."""
    # pytest-playwright leaves the reports on the test.
    reports = [getattr(item, f"rep_{when}", None) for when in ("setup", "call")]
    return not any(report and report.skipped for report in reports) and not (reports[1] and reports[1].passed)


def _is_missing(config: pytest.Config, what: str) -> NoReturn:
    """Fail, where a check that proves nothing may not pass unnoticed (``strict``), else skip."""
    if config.stash[SETTINGS].strict:
        raise CookieproofError(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def missing(pytestconfig: pytest.Config) -> Callable[[str, str], NoReturn]:
    """For a test that finds out that something is not here: ``missing("redis", "There is no redis-server …")`` skips it
    with this reason, and fails it where ``--require`` or playwright.config.py names that thing.
    """

    def end(name: str, what: str) -> NoReturn:
        if options.is_required(pytestconfig, name):
            raise CookieproofError(f"{what} This run must have it: --require {name}.")
        pytest.skip(what)

    return end


@pytest.fixture
def declared(request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """What this run's engine is declared to do, by the name of the difference: ``declared("lax_allowing_unsafe")``.

    A test asserts that the engine does so. What differs from Chromium is told in the report,
    with its source.
    """

    def look_up(name: str) -> Any:
        difference, engine = DIFFERENCES[name], options.engine(request.config)
        if engine.name not in difference.values:
            pytest.skip(f"nobody has declared yet for {engine.title} {difference.about}")
        value = difference.values[engine.name]
        if value != difference.values["chromium"]:
            request.node.user_properties.append(("differs", f"{difference.about}: {value} ({difference.source})"))
        return value

    return look_up
