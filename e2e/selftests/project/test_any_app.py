"""Somebody else's app, in an empty folder with a virtual environment of its own, needs no file of ours"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cookieproof.browser.run_folder import once_a_run
from selftests.support.documents import README, ROOT, YOUR_OWN_APP, blocks
from selftests.support.environments import link_packages, share_compiled
from selftests.support.project import Project, Result

pytestmark = pytest.mark.timeout(300)  # whichever comes first sets the environment up
OTHERS = Path(__file__).with_name("apps_of_others.txt")
SHOWN = [block for block in blocks(README) if block.heading == YOUR_OWN_APP]
[SET_UP, RUN] = [block.text for block in SHOWN if block.language == "sh"]
FILES = {block.file: block.text for block in SHOWN if block.language == "python"}


def shell(script: str, folder: Path, **env: str) -> Result:
    """Run a shell script as a person types it, and return its exit code and what it printed."""
    without = ("PYTEST_", "PYTHON", "CI", "DISPLAY", "VIRTUAL_ENV")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(without)}
    # A person's python3 is the one that runs the tests, not its virtual environment's.
    path = os.pathsep.join([str(Path(sys.base_prefix) / "bin"), clean["PATH"]])
    run = subprocess.run(
        ["sh", "-e", "-c", script],
        cwd=folder,
        env={**clean, "PATH": path, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Result(run.returncode, run.stdout)


def set_up_by(script: str, folder: Path, **env: str) -> None:
    """Run a shell script that has to succeed."""
    done = shell(script, folder, **env)
    assert done.code == 0, done.output


def compiled_in(environment: Path) -> dict[str, str]:
    """Have Python compile what is imported once, and leave nothing of that next to it."""
    return {"PYTHONPYCACHEPREFIX": str(environment / "pycache")}


@pytest.fixture
def theirs(_worker: Any) -> Path:
    """An environment that was set up once a run, as the README says; besides the harness it holds others' apps."""
    folder = _worker.folder.parent / "theirs"

    def set_up() -> str:
        folder.mkdir()
        ours = folder / "cookieproof"  # a copy, since pip builds where the source is
        shutil.copytree(ROOT / "e2e" / "cookieproof", ours / "e2e" / "cookieproof")
        shutil.copy(ROOT / "pyproject.toml", ours)
        pins = OTHERS.read_text()
        pinned = {line.partition("==")[0].lower() for line in pins.splitlines()}
        more = (ROOT / "requirements.txt").read_text().splitlines()
        (folder / "pins.txt").write_text(
            "\n".join([pins, *(line for line in more if line.partition("==")[0].lower() not in pinned)])
        )
        # Besides what it finds installed, pip gets what others pin otherwise, and what is run by name.
        linked, needed = (
            folder / "linked",
            tomllib.loads((ours / "pyproject.toml").read_text())["project"]["dependencies"],
        )
        link_packages(needed, linked, {"flask", "pytest", *pinned})
        share_compiled(folder / "pycache", linked)
        pip = {"PIP_CONSTRAINT": str(folder / "pins.txt"), "PIP_NO_COMPILE": "1", **compiled_in(folder)}
        set_up_by(SET_UP.replace("path/to/cookieproof", str(ours)), folder, PYTHONPATH=str(linked), **pip)
        [packages] = folder.glob(".venv/lib/python*/site-packages")
        (packages / "linked.pth").write_text(str(linked))
        get_apps = (
            f". .venv/bin/activate; pip install -q --no-deps -r {OTHERS}; "
            "pip download -q --no-deps --no-build-isolation --no-binary :all: flask==3.1.3; tar xzf flask-*.tar.gz"
        )
        set_up_by(get_apps, folder, **pip)
        return str(folder)

    return Path(once_a_run(_worker.folder.parent / "theirs.txt", set_up))


@dataclass
class EmptyFolder:
    """A folder with nothing in it, where others' environment is active."""

    path: Path
    environment: Path
    project: Project

    def run(self, command: str) -> Result:
        """Run a command of pytest in the folder, and return its exit code and what it printed.

        The browser is the project's, as in all of its runs: the headless shell costs half as much.
        """
        activate = f". {self.environment}/.venv/bin/activate"
        env = {each: self.project.env[each] for each in ("PATH", "TMPDIR")}
        result = shell(f"{activate}; {command}", self.path, **env, **compiled_in(self.environment))
        self.project.count(result.output)
        return result


@pytest.fixture
def empty(project: Project, theirs: Path) -> Iterator[EmptyFolder]:
    with tempfile.TemporaryDirectory(prefix="e") as folder:
        yield EmptyFolder(Path(folder), theirs, project)
        written = {path.name for path in Path(folder).iterdir()}
    assert written <= {*FILES, "test_app.py", "settings.py", "flaskr", "instance", "test-results", ".pytest_cache"}
    assert project.left_behind() == []


def test_flasks_own_tutorial(empty: EmptyFolder) -> None:
    [tutorial] = empty.environment.glob("flask-*/examples/tutorial/flaskr")
    shutil.copytree(tutorial, empty.path / "flaskr")
    hello = "def test_hello(visitor):\n    assert visitor.goto('/hello').text() == 'Hello, World!'\n"
    (empty.path / "test_app.py").write_text(hello)
    empty.run('pytest --site "flaskr:create_app"').assert_outcomes(passed=1)
    for name, text in FILES.items():
        (empty.path / name).write_text(text)
    empty.run(RUN).assert_outcomes(passed=2)


def test_what_is_installed_is_whole(theirs: Path) -> None:
    """The other tests here run on a wheel that pip has built: it holds every package, the clock's source, the pages."""
    [installed] = theirs.glob(".venv/lib/python*/site-packages/cookieproof")
    kinds = ("*.py", "*.c", "*.html", "py.typed")
    ours, there = (
        {file.relative_to(folder) for kind in kinds for file in folder.rglob(kind)}
        for folder in (ROOT / "e2e" / "cookieproof", installed)
    )
    assert there == ours
    assert {Path("clock/clock.c"), Path("site/cookie_inspector.html"), Path("py.typed")} < there


# It has a Content-Security-Policy, a ProxyFix of its own and a factory with arguments, and makes its database itself.
SETTINGS = """
import os

SECRET_KEY = "only for tests"
SQLALCHEMY_DATABASE_URI = "sqlite:///" + os.environ["DATABASE"]
RATELIMIT_ENABLED = False
"""
CONFIGURED = """
web_server = {
    "app": "ihatemoney.run:create_app('settings', instance_path='/nowhere')",
    "env": {"DATABASE": "{tmp}/ihatemoney.sqlite"},
}
"""
PROMISES = """
from datetime import timedelta

from cookieproof import WITH_THE_BROWSER, Lifetime, prove_lifetimes


def signing_in(visitor):
    visitor.goto("/demo")  # makes the project, and lets everyone in
    with visitor.page.expect_navigation(url=visitor.url + "/"):
        visitor.page.locator("form[action='/exit'] input[type=submit]").evaluate("button => button.click()")
    visitor.goto("/authenticate")
    visitor.page.locator("[name=id]").fill("demo")
    visitor.page.locator("[name=password]").fill("demo")
    visitor.page.locator("[name=password]").press("Enter")
    visitor.page.wait_for_url("**/demo/")


test_lifetimes = prove_lifetimes(
    [
        Lifetime("session", set_by="/demo", lasts=WITH_THE_BROWSER),
        Lifetime("session", set_by=signing_in, lasts=timedelta(days=31), renewed_by="/"),
    ]
)
"""


def test_an_application_from_pypi(empty: EmptyFolder) -> None:
    for name, text in (("settings.py", SETTINGS), ("playwright.config.py", CONFIGURED), ("test_app.py", PROMISES)):
        (empty.path / name).write_text(text)
    empty.run("pytest").assert_outcomes(passed=2)
