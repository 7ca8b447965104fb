"""A set-up command makes what the app needs, once for each worker, and one that fails is quoted"""

from pathlib import Path

import psutil
import pytest

from cookieproof.site import sites
from selftests.support.project import Project

COUNTING = """
import flask
def create_app():
    app = flask.Flask(__name__)
    @app.get("/")
    def home():
        return open(app.config["PLACE"]).read()
    return app
"""
SET_UP = """
web_server = {
    "app": "counting:create_app",
    "config": {"PLACE": "{tmp}/place"},
    "env": {"WHO": "Ada"},
    "setup": "echo $WHO >> $FLASK_PLACE && echo {tmp} >> set-up-of",
}
"""


def test_a_set_up_command_runs_once_for_each_worker_with_its_own_folder(project: Project) -> None:
    (project.folder / "playwright.config.py").write_text(SET_UP)
    (project.folder / "counting.py").write_text(COUNTING)
    test = "def test_{}(site):\n    site.restart()\n    assert urlopen(site.url).read() == b'Ada\\n'\n"
    tests = [test.format(name) for name in ("one", "two", "three", "four")]
    project.test("".join(["from urllib.request import urlopen\n", *tests]))
    project.run("-n", "2").assert_outcomes(passed=4)
    folders = (project.folder / "set-up-of").read_text().split()
    assert len(folders) == len(set(folders)) == 2


ANOTHER = """
import flask, os
def create_app():
    app = flask.Flask(__name__)
    @app.get("/")
    def home():
        return {"env": os.environ.get("WHO"), "config": {key: app.config.get(key) for key in ("PLACE", "GIVEN")}}
    return app
"""


def test_another_app_of_a_marker_keeps_the_environment_and_no_configuration_of_the_configured_one(
    project: Project,
) -> None:
    (project.folder / "playwright.config.py").write_text(SET_UP)
    (project.folder / "counting.py").write_text(COUNTING)
    (project.folder / "another.py").write_text(ANOTHER)
    project.test(
        """
import json, pytest
from urllib.request import urlopen

@pytest.mark.site("another.py:create_app", GIVEN="1")
def test_it(site):
    assert json.load(urlopen(site.url)) == {"env": "Ada", "config": {"PLACE": None, "GIVEN": "1"}}
"""
    )
    project.run().assert_outcomes(passed=1)
    assert not (project.folder / "set-up-of").exists()  # nor is the configured app set up for it


CONFIGURED = """
import pytest
from urllib.request import urlopen

def said(site):
    return urlopen(site.url).read().decode().split()

def test_as_configured(site):
    assert said(site) == ["Ada"]

@pytest.mark.site(PLACE="{tmp}/another", TESTING=True)
def test_another_place(site):
    assert said(site) == ["Ada"]

@pytest.mark.site(env={"WHO": "Bob"})
def test_another_environment(site):
    assert said(site) == ["Ada", "Bob"]

@pytest.mark.site(TESTING=True, setup="")
def test_nothing_is_set_up(site):
    assert said(site) == ["Ada", "Bob"]

def test_as_configured_again(site):
    assert said(site) == ["Ada", "Bob"]
"""


def test_what_is_configured_otherwise_is_set_up_for_itself(project: Project) -> None:
    (project.folder / "playwright.config.py").write_text(SET_UP)
    (project.folder / "counting.py").write_text(COUNTING)
    project.test(CONFIGURED)
    project.run().assert_outcomes(passed=5)


OF_A_COMMAND = """
web_server = {
    "command": "exec python -m http.server --bind 127.0.0.1 --directory {tmp} {port}",
    "env": {"PLACE": "{tmp}/place"},
    "setup": "pwd > $PLACE",
}
"""


def test_the_set_up_of_a_command_has_its_environment_filled_in(project: Project) -> None:
    (project.folder / "playwright.config.py").write_text(OF_A_COMMAND)
    project.test(
        """
from pathlib import Path
from urllib.request import urlopen

def test_it(site):
    assert urlopen(f"{site.url}/place").read().decode().strip() == str(Path.cwd())
"""
    )
    project.run().assert_outcomes(passed=1)


def test_a_set_up_command_that_fails_is_quoted(project: Project) -> None:
    (project.folder / "playwright.config.py").write_text(
        "web_server = {'app': 'app:create_app', 'setup': 'echo no such table; exit 3'}"
    )
    project.test("def test_it(site):\n    pass\n")
    result = project.run()
    assert "set-up command `echo no such table; exit 3` failed with exit code 3. It said last:" in result.output
    assert "    no such table" in result.output
    assert "Traceback" not in result.output
    result.assert_outcomes(errors=1)


def test_a_set_up_command_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sites, "SET_UP_SECONDS", 3)
    told = sites._failure_of("echo asking for a password; sleep 100 & wait", {"CALLED": str(tmp_path)}, tmp_path)
    assert told.startswith(
        "The site's set-up command `echo asking for a password; sleep 100 & wait` was ended after 3 s"
    )
    assert told.endswith("It said last:\n    asking for a password")
    assert [each for each in psutil.process_iter() if called(each) == str(tmp_path)] == []


def called(process: psutil.Process) -> str:
    try:
        return process.environ().get("CALLED", "") if process.status() != psutil.STATUS_ZOMBIE else ""
    except psutil.Error:
        return ""
