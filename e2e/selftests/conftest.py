"""What the harness's own tests share: the project of somebody else, and what this machine may lack."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest
from playwright.sync_api import BrowserType, Playwright

from cookieproof import Site
from cookieproof.browser.chromium import CHROMIUM, HEADLESS_SHELL
from cookieproof.browser.engines import find
from cookieproof.browser.launcher import Launcher
from cookieproof.errors import CookieproofError, wait_until
from cookieproof.harness import Harness
from cookieproof.plugin import options
from cookieproof.plugin.fixtures import MakeLauncher
from cookieproof.plugin.stash import LAUNCHES
from selftests.support.headless_shell import launch_options as headless_shell_options
from selftests.support.project import E2E, ENVIRONMENT, Project
from selftests.support.warm import WarmPython


@pytest.fixture
def system_firefox(missing: Callable[[str, str], NoReturn]) -> str:
    """The Firefox that the system installed."""
    return shutil.which("firefox-esr") or missing(
        "firefox", 'There is no firefox-esr: run "python -m cookieproof install firefox".'
    )


@pytest.fixture
def headless_shell(playwright: Playwright, missing: Callable[[str, str], NoReturn]) -> None:
    """The test needs Chromium's headless shell."""
    try:
        find(HEADLESS_SHELL, playwright.chromium.executable_path)
    except CookieproofError as error:
        missing(HEADLESS_SHELL.name, str(error))


def _headless_shell(test: pytest.Item, browser_type: BrowserType) -> dict[str, Any]:
    """Launch options of Chromium's headless shell; none if it is not here, or the test is not to run in it."""
    if options.engine(test.config) is not CHROMIUM or test.get_closest_marker("whole_browser"):
        return {}
    return headless_shell_options(browser_type)


@pytest.fixture
def _launcher(
    request: pytest.FixtureRequest,
    pytestconfig: pytest.Config,
    _worker: Harness,
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    browser_context_args: dict[str, Any],
    _launcher: MakeLauncher,
) -> MakeLauncher:
    """Start Chromium's headless shell where the run is on Chromium: the same engine, for less than half the time.

    Here the harness is tested, not a site. What only the whole browser does (it continues a session, writes down what
    ends with it, has windows) is for tests that are marked ``whole_browser``; the shop's checks all run in it.
    """
    found = _headless_shell(request.node, browser_type)
    if not found:
        return _launcher
    launch_args = {**{key: value for key, value in browser_type_launch_args.items() if key != "channel"}, **found}

    def make(more: Mapping[str, Any]) -> Launcher:
        # Its profile keeps what has an age, and nothing else, which is all that these tests ask of a restart.
        engine = replace(HEADLESS_SHELL, no_restart="")
        context_args = {**browser_context_args, **more}
        return _worker.launcher(engine, browser_type, launch_args, context_args, pytestconfig.stash[LAUNCHES].append)

    return make


@pytest.fixture(scope="session")
def frameworks() -> Path:
    """Where others' frameworks and servers are, apart from what the harness runs with: for a PYTHONPATH."""
    folder = E2E.parent / ".venv" / "frameworks"
    assert folder.exists(), "The frameworks are not here: run `make .venv/for-tests`."
    return folder


@pytest.fixture
def site_elsewhere(request: pytest.FixtureRequest) -> str:
    """The URL of a site that the inner run did not start."""
    request.node.add_marker(pytest.mark.site("e2e/selftests/apps/visits.py:create_app"))
    site: Site = request.getfixturevalue("site")
    return site.url


@pytest.fixture(scope="session")
def _warm_python() -> Iterator[WarmPython]:
    warm = WarmPython(ENVIRONMENT)
    yield warm
    warm.close()


@pytest.fixture
def project(
    request: pytest.FixtureRequest, pytestconfig: pytest.Config, browser_type: BrowserType, _warm_python: WarmPython
) -> Iterator[Project]:
    """An empty project with one small app, ``app:create_app``. Its runs are on this run's browser.

    Its path is short, as Chromium's socket needs it. As for visitors (``_launcher``), the headless shell stands in for
    Chromium, unless the test is marked ``whole_browser``.
    """
    folder = Path(tempfile.gettempdir()) / os.environ.get("PYTEST_XDIST_WORKER", "gw")
    folder.mkdir()
    try:
        project = Project(folder, pytestconfig.option.browser[0], _warm_python)
        if shell := _headless_shell(request.node, browser_type).get("executable_path"):
            project.stand_in_for_chromium(Path(shell))
        yield project
        pytestconfig.stash[LAUNCHES] += project.launches  # the budget counts them too
        project.end()
        try:
            wait_until(lambda: not project.processes(), "everything that the runs started to end", 30)
        finally:
            project.kill_what_is_left()
    finally:
        shutil.rmtree(folder)
