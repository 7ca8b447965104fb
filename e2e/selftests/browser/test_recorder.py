"""Each life of a visitor leaves its own trace, screenshot and video, and what cannot be recorded is said"""

import os
import shlex
import signal
import subprocess
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import imageio_ffmpeg
import pytest
from playwright.sync_api import Error

from cookieproof.browser.artifacts import ArtifactsRecorder
from selftests.support.builds import playwrights_own
from selftests.support.project import Project, wait_for_browsers

LIVES = """
def test_lives(visitor):
    visitor.goto("/")
    visitor.restart()
    visitor.goto("/")
    visitor.sent()
    visitor.crash()
    visitor.open()
    visitor.goto("/")
    assert {outcome}
"""
PASSES = "\ndef test_passes(visitor):\n    visitor.goto('/')\n"
CRASH = '    visitor.crash()\n    visitor.open()\n    visitor.goto("/")\n'
NAMES = ["visitor-1-life-1-first", "visitor-1-life-2-after-close", "visitor-1-life-3-after-crash"]


def kept(project: Project, test: str = "") -> dict[str, Path]:
    """The files of a visitor in the output folder, by name."""
    return {path.name: path for path in (project.folder / "test-results").glob(f"*{test}*/visitor-*")}


@pytest.fixture
def films(project: Project) -> bool:
    """Whether the runs of the project can record videos."""
    if project.browser == "chromium" and not playwrights_own(project.env)["chromium"].exists():  # which brings ffmpeg
        folder = project.folder / "builds" / "ffmpeg-1013"
        folder.mkdir(parents=True)
        (folder / "ffmpeg-linux").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
        project.env["PLAYWRIGHT_BROWSERS_PATH"] = str(folder.parent)
    return project.browser == "chromium"


@pytest.mark.every_engine
def test_each_life_has_its_trace_its_screenshot_and_its_video(project: Project, films: bool) -> None:
    project.test(LIVES.format(outcome=True))
    output = project.run("--site", "app:create_app", "--tracing", "on", "--screenshot", "on", "--video", "on")[1]
    files = kept(project)
    kinds = ("png", "webm", "zip") if films else ("png", "zip")
    assert sorted(files) == [f"{name}.{kind}" for name in NAMES for kind in kinds], output
    for path in files.values():
        if path.suffix == ".zip":
            assert is_trace(path)
        if path.suffix == ".webm":
            assert imageio_ffmpeg.count_frames_and_secs(path)[0] > 0
    assert ("no video" in output) is not films
    assert project.left_behind() == []


def is_trace(path: Path) -> bool:
    return any(name.endswith(".trace") for name in zipfile.ZipFile(path).namelist())


def test_of_a_failure_all_is_kept_and_nothing_of_what_passed(project: Project) -> None:
    project.test(LIVES.format(outcome=False).replace(CRASH, "") + PASSES)
    records = ("--tracing", "retain-on-failure", "--screenshot", "only-on-failure")
    output = project.run("--site", "app:create_app", *records)[1]
    files = kept(project)
    assert sorted(files) == [f"{name}.{kind}" for name in NAMES[:2] for kind in ("png", "zip")], output
    assert all(is_trace(path) for path in files.values() if path.suffix == ".zip")
    assert project.left_behind() == []


def test_where_there_can_be_no_video_a_line_says_so(project: Project) -> None:
    project.env["PLAYWRIGHT_BROWSERS_PATH"] = str(project.folder / "builds")
    project.test("def test_it(visitor, page):\n    visitor.goto('/')\n")
    code, output = project.run("--site", "app:create_app", "--video", "on", "-n", "1")
    why = "Playwright's ffmpeg is not here (`python -m playwright install ffmpeg` gets it)"
    assert output.count(f"no video: {why}") == 1
    assert code == 0, output
    assert kept(project) == {}


def test_a_trace_and_a_screenshot_that_cannot_be_had_are_told(tmp_path: Path) -> None:
    def fail(**options: object) -> None:
        raise Error("the disk is full\nCall log: none")

    told: list[str] = []
    recorder = ArtifactsRecorder(tmp_path, tracing="on", screenshot="on", tell=told.append)
    context: Any = SimpleNamespace(tracing=SimpleNamespace(stop=fail))
    page: Any = SimpleNamespace(screenshot=fail, video=None)
    recorder.end(context, [page], "ada-life-1-first")
    assert told == [f"no {kind} of ada-life-1-first: the disk is full" for kind in ("trace", "screenshot")]


def test_a_test_that_fails_in_set_up_leaves_its_records(project: Project) -> None:
    project.test(
        """
import pytest

@pytest.fixture
def signed_in(visitor):
    visitor.goto("/")
    raise RuntimeError("no such user")

def test_it(signed_in):
    pass
"""
    )
    project.run("--site", "app:create_app", "--tracing", "retain-on-failure")
    assert kept(project).keys() == {f"{NAMES[0]}.zip", f"{NAMES[0]}.png"}


def test_ctrl_c_ends_with_code_2_and_leaves_the_records_of_the_life_that_it_ended_and_nothing_else(
    project: Project,
) -> None:
    project.test(
        """
def test_hangs(visitor):
    visitor.goto("/")
    visitor.restart()
    visitor.goto("/")
    open("opened-", "w").close()
    visitor.page.wait_for_event("close", timeout=60_000)
"""
    )
    run = project.start("--site", "app:create_app", "--tracing", "retain-on-failure")
    wait_for_browsers(project, run, 1)
    os.killpg(run.pid, signal.SIGINT)
    code, output = project.wait(run)
    assert code == 2, output
    assert "KeyboardInterrupt" in output
    assert {f"{name}.zip" for name in NAMES[:2]} <= kept(project).keys(), output
    assert project.processes() == []
    assert project.left_behind() == []


def test_workers_keep_each_others_files_and_junit_names_them_all(project: Project) -> None:
    test = "def test_{}(visitor, page):\n    visitor.goto('/')\n    page.goto('/')\n    assert {}\n"
    project.test("".join(test.format(name, name > "b") for name in ("a", "c")))
    command = ["--site", "app:create_app", "-n", "2", "--tracing", "on", "--junitxml", "test-results/junit.xml"]
    project.run(*command).assert_outcomes(failed=1, passed=1)
    root = ElementTree.parse(project.folder / "test-results" / "junit.xml")
    for case in root.iter("testcase"):
        found = [(each.get("name", ""), each.get("value", "")) for each in case.iter("property")]
        artifacts = {(kind, Path(path).name) for kind, path in found if kind.startswith("playwright_")}
        expected = {("playwright_trace", f"{NAMES[0]}.zip"), ("playwright_trace", "trace.zip")}
        if case.get("name", "")[5] == "a":
            expected |= {("playwright_log", "site.log"), ("playwright_wire", "wire.txt")}
            expected |= {("playwright_screenshot", f"{NAMES[0]}.png")}
        assert artifacts == expected
        assert all((project.folder / path).exists() for kind, path in found if kind.startswith("playwright_"))


def test_a_failure_ends_with_the_command_that_shows_it_in_a_window(project: Project) -> None:
    project.test("def test_it(page):\n    print('said')\n    page.goto('/')\n    assert 0\n")
    output = project.run("--site", "app:create_app")[1]
    failure = output.partition("= FAILURES =")[2].partition("= promises =")[0].strip("= \n").splitlines()
    assert failure[-1].endswith(
        "-m pytest 'test_it.py::test_it[chromium]' --headed --slowmo 400 --browser chromium --site app:create_app"
    )
    # Without a screen the command gets as far as saying so.
    command = [*shlex.split(failure[-1]), "-p", "cookieproof.plugin", "-p", "no:cacheprovider"]
    run = subprocess.run(command, cwd=project.folder, env=project.env, capture_output=True, text=True, check=False)
    assert "--headed needs a display" in run.stderr
    assert sorted(path.name for path in project.folder.glob("test-results/*/*")) == ["site.log", "wire.txt"]
