"""Other people's plugins run with the harness, and pytest too, in their newest releases"""

from __future__ import annotations

import re
import site
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cookieproof.browser.run_folder import once_a_run
from cookieproof.report.files import read
from selftests.support.environments import share_compiled
from selftests.support.project import Project, Result

pytestmark = pytest.mark.timeout(300)  # whichever comes first sets the environment up
NEWEST = Path(__file__).with_name("newest.txt")
PINS = [line.split("==") for line in NEWEST.read_text().splitlines() if not line.startswith("#")]
INI = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
"""


@pytest.fixture
def newest(_worker: Any, project: Project) -> Project:
    """A project whose environment was set up once a run: the newest releases, before all that this run has."""
    folder = _worker.folder.parent / "newest"
    python = folder / "bin" / "python"

    def set_up() -> str:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        pip = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(python),
            "--disable-pip-version-check",
            "-q",
            "install",
            "--no-compile",
        ]
        run = subprocess.run([*pip, "--no-deps", "-r", NEWEST], capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout + run.stderr
        # Last, so that pip finds none of it installed. A plugin that is in both counts once, the first.
        [packages] = folder.glob("lib/python*/site-packages")
        (packages / "this_run.pth").write_text("\n".join(site.getsitepackages()))
        share_compiled(folder / "pycache")
        return "ready"

    once_a_run(_worker.folder.parent / "newest.txt", set_up)
    project.python = str(python)
    del project.env["PYTHONDONTWRITEBYTECODE"]  # what is imported is compiled once for all of these projects
    project.env["PYTHONPYCACHEPREFIX"] = str(folder / "pycache")
    (project.folder / "pytest.ini").write_text(INI)
    return project


def run(project: Project, *arguments: str) -> Result:
    return project.run("--site", "app:create_app", *arguments)


IN_ORDER = ("-p", "no:randomly")


CLASSES = """
from cookieproof import WITH_THE_BROWSER, Lifetime, prove_lifetimes

SEEN = Lifetime("seen", set_by="/", lasts=WITH_THE_BROWSER)
test_in_the_module = prove_lifetimes([SEEN])

class TestShop:
    test_again = test_in_the_module
    test_lifetimes = prove_lifetimes([SEEN, Lifetime("unseen", set_by="/", lasts=WITH_THE_BROWSER)])
"""


def test_the_newest_pytest_prints_no_warning_and_a_class_may_hold_lifetimes_that_may_be_shuffled(
    newest: Project,
) -> None:
    newest.test(CLASSES)
    result = run(newest, "-k", "test_lifetimes", "-p", "randomly", "--randomly-seed=1")
    output = result.output
    result.assert_outcomes(failed=1, passed=1, deselected=2)
    assert 'cookie "unseen", set by /, should end with the browser, but is never set by /.' in output
    assert "test_it.py::TestShop::test_lifetimes[unseen]' --headed" in output
    assert "warning" not in output.lower(), output
    for name, version in PINS:
        assert f"{name.removeprefix('pytest-')}-{version}" in output, output


def test_a_warning_may_be_an_error_where_pytest_base_url_is_not_installed(newest: Project) -> None:
    newest.test("def test_it(visitor): visitor.goto('/')")
    result = run(newest, "-W", "error", "-p", "no:base_url", *IN_ORDER)
    result.assert_outcomes(passed=1)
    assert "base-url-" not in result.output, result.output  # nothing but the harness and pytest-playwright has it


RERUN = """
from contextlib import suppress
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from cookieproof import WITH_THE_BROWSER, Lifetime, prove_lifetimes

hosts, tries = [], []

def at_first_try(visitor):
    hosts.append(visitor.host)
    visitor.goto("/")

def at_second_try(visitor):
    hosts.append(visitor.host)
    visitor.goto("/" if len(hosts) > 2 else "/none")

test_lifetimes = prove_lifetimes(
    [Lifetime("seen", set_by=step, lasts=WITH_THE_BROWSER) for step in (at_first_try, at_second_try)]
)

def test_hosts():
    assert len(hosts) == len(set(hosts)) == 3

def test_site(site):
    tries.append(1)
    urlopen(site.url).close()
    with suppress(HTTPError):
        urlopen(f"{site.url}/try-{len(tries)}")
    if len(tries) == 2:
        pytest.skip("not today")
    assert False
"""


def test_a_rerun_proves_anew(newest: Project) -> None:
    newest.test(RERUN)
    result = run(newest, "--reruns", "1", *IN_ORDER)
    output = result.output
    result.assert_outcomes(passed=3, skipped=1)
    assert "3 passed, 1 skipped, 2 rerun" in output, output  # which pytest itself does not know
    assert re.search(r"^browser starts: 4 ", output, re.M), output  # two for the list, two for the one that is rerun
    assert "(1 kept, 1 flaky, 1 broken)" in output, output
    pictures = [str(bytes(check.attempts[-1].timeline)) for check in read(newest.folder / "test-results").checks]
    assert any("GET /try-2" in each for each in pictures)
    assert not any("GET /try-1" in each for each in pictures)  # of the attempt before


ASYNC = """
import asyncio
import pytest

@pytest.fixture
async def number():
    await asyncio.sleep(0)
    yield 1
    await asyncio.sleep(0)

def test_before(visitor):
    visitor.goto("/")

async def test_between(number):
    await asyncio.create_task(asyncio.sleep(0))
    assert number == 1

def test_after(request):  # pytest would have a test that asks for page itself come before
    request.getfixturevalue("page").goto("/")

async def test_with(visitor):
    visitor.goto("/")
"""


def test_async_tests_run_beside_visitors(newest: Project) -> None:
    newest.test(ASYNC)
    result = run(newest, "-v", *IN_ORDER)
    output = result.output
    result.assert_outcomes(passed=3, errors=1)
    assert re.findall(r"::test_(\w+)\S* (\w+) ", output) == [
        ("before", "PASSED"),
        ("with", "ERROR"),
        ("between", "PASSED"),
        ("after", "PASSED"),
    ], output
    assert "test_with[chromium] is async def" in output
    assert "warning" not in output.lower(), output


GROUPS = """
import pytest
from pathlib import Path

GROUPS = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("one", "other")]

@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("group", GROUPS)
def test_it(group, number, worker_id):
    Path(f"{group}-{worker_id}").touch()

@pytest.mark.xdist_group("one")
def test_broken(site):
    assert not site
"""


def test_a_group_of_xdist_has_one_worker(newest: Project) -> None:
    newest.test(GROUPS)
    result = run(newest, "-n", "2", "--dist", "loadgroup")
    result.assert_outcomes(failed=1, passed=8)
    assert sorted(path.name[:-1] for path in newest.folder.glob("*-gw?")) == ["one-gw", "other-gw"]
    assert "pytest test_it.py::test_broken --headed" in result.output  # its id ends with @one, its command does not
