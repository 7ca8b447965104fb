"""The pytest plugin: hooks and thin fixtures. The objects live in the modules named after them."""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Error

from cookieproof import clock_check, engines, settings, summary, wire
from cookieproof.clock import Clock, build
from cookieproof.engines import ENGINES
from cookieproof.errors import CookieproofError
from cookieproof.folder import RunFolder, sweep
from cookieproof.interrupt import Interrupts
from cookieproof.launcher import Launcher
from cookieproof.recorder import Recorder
from cookieproof.server import Servers, Site
from cookieproof.visitor import Visitor

SETTINGS = pytest.StashKey[settings.Settings]()
RUN_FOLDER = pytest.StashKey[RunFolder]()
LAUNCHES = pytest.StashKey[list[str]]()
MakeLauncher = Callable[[Mapping[str, Any], Clock], Launcher]
WORKER_FOLDER = "cookieproof_folder"

# --- configuration


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("cookieproof", "cookies and sessions in real browsers")
    group.addoption(
        "--site",
        metavar="MODULE:FACTORY",
        help="the Flask app to serve, spelled as flask --app does; wins over playwright.config.py",
    )


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "site(app, **config): serve this app, or the configured one, with this Flask configuration"
    )
    config.stash[LAUNCHES] = []
    # Fixtures that override pytest-playwright's come last, else the order of installation decides.
    config.pluginmanager.register(Overrides(), "cookieproof-overrides")
    try:
        _configure(config)
    except CookieproofError as error:
        raise pytest.UsageError(str(error)) from None
    if not hasattr(config, "workerinput"):
        report = getattr(config.option, "htmlpath", None) or config.option.xmlpath
        config.pluginmanager.register(summary.Summary(config.option.output, report), "cookieproof-summary")


def _configure(config: pytest.Config) -> None:
    chosen = config.stash[SETTINGS] = settings.load(config.rootpath)
    option = config.option
    if option.site:
        settings.check_app(option.site, config.rootpath, "--site")
    elif app := chosen.web_server.get("app"):
        settings.check_app(app, config.rootpath, f"{settings.FILE}: web_server")
    option.browser = option.browser or [chosen.use.get("browser", "chromium")]
    if len(option.browser) > 1:
        raise CookieproofError("One run is one browser: give --browser once.")
    if option.browser[0] not in ENGINES:
        raise CookieproofError(
            f"--browser {option.browser[0]} cannot be driven yet; it works with: {', '.join(ENGINES)}."
        )
    if option.output == "test-results":  # pytest-playwright's default
        option.output = str(config.rootpath / chosen.output_dir)
    on_screen = sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if option.headed and not on_screen:
        raise CookieproofError(
            "--headed needs a display and there is none: put `xvfb-run -a` in front, or leave it out."
        )


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
    launches = item.config.stash[LAUNCHES]
    on_site = {"site", "new_context"} & set(getattr(item, "fixturenames", ()))
    group = summary.group_of(item) if on_site else None
    # An attribute of the report, since that is what xdist carries from a worker.
    report.cookieproof = {"group": group, "launches": launches.copy()}
    launches.clear()
    result: pytest.TestReport = report
    return result


# --- fixtures


@dataclass(frozen=True)
class Worker:
    """What one worker has for the whole run: a folder, the apps it serves, and numbers for its visitors.

    A number is never used twice: a request that the last test left behind is nobody's in the next.
    """

    folder: Path
    clock: Clock
    servers: Servers
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))


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


@pytest.fixture
def site(request: pytest.FixtureRequest, _worker: Worker) -> Iterator[Site]:
    """The served app: ``site.url``, ``site.at(host)``, ``site.restart(**config)``, ``site.log``, ``site.wire``.

    It is the one of ``--site`` or playwright.config.py, or of ``@pytest.mark.site(app, **config)``.
    """
    app, config, env = _chosen_site(request)
    yield _worker.servers.site(app, config, env)
    if _worker.clock.moved:
        _worker.servers.stop()  # no process may see time go backward
        _worker.clock.reset()


def _chosen_site(request: pytest.FixtureRequest) -> tuple[str, Mapping[str, Any], Mapping[str, str]]:
    root, marker = request.config.rootpath, request.node.get_closest_marker("site")
    web_server = request.config.stash[SETTINGS].web_server
    config, env = web_server.get("config", {}), web_server.get("env", {})
    if marker and marker.args:
        app = marker.args[0]
        if (request.path.parent / app.partition(":")[0]).exists():
            return str(request.path.parent / app), marker.kwargs, {}
        settings.check_app(app, root, "@pytest.mark.site")
        return app, marker.kwargs, {}
    app = request.config.option.site or web_server.get("app")
    if not app:
        raise CookieproofError(
            f'No site to serve: name one with --site "path/or.module:factory", or in {settings.FILE} '
            'with web_server = {"app": "path/or.module:factory"}.'
        )
    return app, {**config, **(marker.kwargs if marker else {})}, env


@pytest.fixture
def clock(request: pytest.FixtureRequest, site: Site, _worker: Worker, _clock_works: str) -> Clock:
    """The wall clock of site and visitors: ``now()``, ``advance(days=…)``, ``travel_to(moment)``, ``skew(…)``."""
    if {"browser", "new_context"} & set(request.fixturenames):
        raise CookieproofError(
            "pytest-playwright's page is not on the clock: use visitor.page in a test that moves the clock."
        )
    if _clock_works:
        request.session.shouldstop = _clock_works
        raise CookieproofError(_clock_works)
    return _worker.clock


@pytest.fixture(scope="session")
def _clock_works(pytestconfig: pytest.Config, _worker: Worker, _launcher: MakeLauncher) -> str:
    """Check the clock once a run, whichever worker comes first: an empty text, or what is wrong."""
    if sys.platform != "linux":
        pytest.skip("The clock needs Linux: it is preloaded into site and browser (LD_PRELOAD).")
    library = build()
    with (_worker.folder.parent / "clock-check").open("a+") as verdict:
        fcntl.flock(verdict, fcntl.LOCK_EX)
        verdict.seek(0)
        if not (told := verdict.read()):
            folder = Path(tempfile.mkdtemp(dir=_worker.folder, prefix="clock-"))
            try:
                clock = Clock(folder, library)
                clock_check.check(clock, _launcher({}, clock), folder)
                told = "works"
            except CookieproofError as error:
                told = str(error)
            verdict.write(told)
    return "" if told == "works" else told


@pytest.fixture(scope="session")
def _launcher(
    pytestconfig: pytest.Config,
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    browser_context_args: dict[str, Any],
) -> MakeLauncher:
    """Makes what starts browsers with pytest-playwright's options, some more context options, and a clock."""

    def make(more: Mapping[str, Any], clock: Clock) -> Launcher:
        return Launcher(
            ENGINES[browser_type.name],
            browser_type,
            browser_type_launch_args,
            {**browser_context_args, **more},
            clock.env("browser"),
            pytestconfig.stash[LAUNCHES].append,
        )

    return make


@pytest.fixture
def new_visitor(
    request: pytest.FixtureRequest, site: Site, _worker: Worker, _launcher: MakeLauncher, output_path: str
) -> Iterator[Callable[[], Visitor]]:
    """Makes further visitors, each with a browser profile of its own; all are closed after the test."""
    marker = request.node.get_closest_marker("browser_context_args")
    launcher = _launcher(marker.kwargs if marker else {}, _worker.clock)
    visitors: list[Visitor] = []
    get = request.config.getoption
    recorder = Recorder(
        Path(tempfile.mkdtemp(dir=_worker.folder, prefix="records-")),
        **{option: get(f"--{option}") for option in ("tracing", "screenshot", "video")},
        full_page=get("--full-page-screenshot"),
    )
    with ExitStack() as stack:
        stack.callback(lambda: recorder.keep(Path(output_path), failed=_failed(request.node)))
        stack.callback(_worker.clock.before_move.clear)

        def make() -> Visitor:
            profile = Path(tempfile.mkdtemp(dir=_worker.folder, prefix="profile-"))
            stack.callback(shutil.rmtree, profile, ignore_errors=True)
            nickname = f"visitor-{len(visitors) + 1}"
            visitor = Visitor(next(_worker.numbers), site, _worker.clock, launcher, profile, recorder, nickname)
            _worker.clock.before_move.append(visitor.settle)
            visitors.append(visitor)
            stack.callback(visitor.end)
            return visitor

        yield make
        if _failed(request.node):
            _keep_evidence(Path(output_path), site, visitors)


@pytest.fixture
def visitor(new_visitor: Callable[[], Visitor]) -> Visitor:
    """A new person, whose browser opens at first use."""
    return new_visitor()


def _failed(item: pytest.Item) -> bool:
    """Whether the test has not passed and was not skipped: it failed, or was interrupted."""
    # pytest-playwright leaves the reports on the test.
    reports = [getattr(item, f"rep_{when}", None) for when in ("setup", "call")]
    return not any(report and report.skipped for report in reports) and not (reports[1] and reports[1].passed)


def _keep_evidence(folder: Path, site: Site, visitors: list[Visitor]) -> None:
    """What the site said, what crossed and what each visitor saw, beside pytest-playwright's own artifacts."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "site.log").write_text(site.log)
    (folder / "wire.txt").write_text(wire.lines(site.wire))
    for visitor in visitors:
        with suppress(CookieproofError, Error):  # closed or crashed: nothing to see
            if visitor.life:
                visitor.page.screenshot(path=folder / f"{visitor.life_name}.png", timeout=5000)


class Overrides:
    """Fixtures of pytest-playwright that have to know which browser and which site."""

    @pytest.fixture(scope="session")
    def browser_type_launch_args(
        self, browser_type_launch_args: dict[str, Any], browser_type: BrowserType
    ) -> dict[str, Any]:
        engine = ENGINES[browser_type.name]
        named = browser_type_launch_args.keys() & {"channel", "executable_path"}
        prefs = {**engine.prefs, **browser_type_launch_args.get("firefox_user_prefs", {})}
        return {
            "handle_sigint": False,  # Ctrl-C reaches the browser too; it must live until pytest has closed it
            **({} if named else engines.find(engine, browser_type.executable_path)),
            **browser_type_launch_args,
            "args": [*engine.flags, *browser_type_launch_args.get("args", [])],
            **({"firefox_user_prefs": prefs} if prefs else {}),
        }

    @pytest.fixture(scope="session")
    def launch_browser(
        self, launch_browser: Callable[..., Browser], pytestconfig: pytest.Config
    ) -> Callable[..., Browser]:
        def launch(**kwargs: Any) -> Browser:
            browser = launch_browser(**kwargs)
            pytestconfig.stash[LAUNCHES].append(f"{browser.browser_type.name.title()} {browser.version}")
            return browser

        return launch

    @pytest.fixture
    def new_context(
        self,
        new_context: Callable[..., BrowserContext],
        browser_context_args: dict[str, Any],
        request: pytest.FixtureRequest,
    ) -> Callable[..., BrowserContext]:
        """pytest-playwright's own, with the site as its base_url where a site is configured."""
        try:
            _chosen_site(request)
        except CookieproofError:
            return new_context
        if "base_url" in browser_context_args:
            return new_context
        url = request.getfixturevalue("site").url
        return lambda **kwargs: new_context(**{"base_url": url, **kwargs})

    @pytest.fixture(scope="session", autouse=True)
    def delete_output_dir(self) -> None:
        """Nothing: pytest-playwright's deletes one worker's artifacts in another; the run's start has done it."""
