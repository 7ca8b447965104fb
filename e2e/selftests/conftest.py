"""What the harness's own tests share: the project of somebody else, and what this machine may lack."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Playwright

from cookieproof import Site
from cookieproof.browser.chromium import HEADLESS_SHELL
from cookieproof.browser.engines import find
from cookieproof.errors import CookieproofError, wait_until
from cookieproof.plugin.stash import LAUNCHES
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
def project(pytestconfig: pytest.Config, _warm_python: WarmPython) -> Iterator[Project]:
    """An empty project with one small app, ``app:create_app``. Its runs are on this run's browser.

    Its path is short, as Chromium's socket needs it.
    """
    folder = Path(tempfile.gettempdir()) / os.environ.get("PYTEST_XDIST_WORKER", "gw")
    folder.mkdir()
    try:
        project = Project(folder, pytestconfig.option.browser[0], _warm_python)
        yield project
        pytestconfig.stash[LAUNCHES] += project.launches  # the budget counts them too
        project.end()
        wait_until(lambda: not project.processes(), "everything that the runs started to end", 10)
    finally:
        shutil.rmtree(folder)
