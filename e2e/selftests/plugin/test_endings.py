"""However a run ends, no browser, server, profile or file stays behind"""

import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from cookieproof.browser import run_folder as folder
from cookieproof.errors import wait_until
from selftests.support.project import Project, wait_for_browsers

# Tells the outer test that the browser is open, and then waits for what the outer test does.
HANGS = """
def test_hangs(visitor, tmp_path):
    visitor.goto("/")
    open("opened-" + str(visitor.page.evaluate("Math.random()")), "w").close()
    visitor.page.wait_for_event("close", timeout=60_000)
"""
ALSO_HANGS = HANGS.replace("test_hangs", "test_also_hangs")


def test_what_is_started_while_what_is_left_is_killed_is_killed_too(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, there = psutil.process_iter, list[list[psutil.Process]]()
    with (
        subprocess.Popen(["sleep", "60"], env=project.env) as first,
        subprocess.Popen(["sleep", "60"], env=project.env) as second,
    ):
        there.append([psutil.Process(first.pid)])  # when it was looked for, there was no other yet
        monkeypatch.setattr(psutil, "process_iter", lambda: there.pop() if there else found())
        project.kill_what_is_left()
        try:
            assert (first.wait(10), second.wait(10)) == (-signal.SIGKILL, -signal.SIGKILL)
        finally:
            second.kill()


def test_a_run_that_passes_or_fails_leaves_its_output_folder_alone(project: Project) -> None:
    project.test(
        """
def test_passes(visitor):
    visitor.goto("/")
    expect_cookie(visitor, "seen").to_be_sent(value="yes")

def test_fails(visitor, new_visitor):
    visitor.goto("/")
    new_visitor().goto("/")
    visitor.restart()
    expect_cookie(visitor, "seen").to_be_sent()
"""
    )
    code, output = project.run("--site", "app:create_app")
    assert code == 1
    assert "\nBROKEN  test_it.py (1 kept, 1 broken)\n" in output
    assert "browser starts: 4 (4 of Chromium" in output
    assert project.left_behind() == []
    kept = sorted(path.name for path in (project.folder / "test-results").glob("*fails*/*"))
    assert kept == [
        "site.log",
        "visitor-1-life-2-after-close.png",
        "visitor-2-life-1-first.png",
        "wire.txt",
    ]
    assert "Set-Cookie: seen=yes; Path=/" in next(project.folder.glob("test-results/*/wire.txt")).read_text()


def test_ctrl_c_with_two_workers_ends_with_code_2_and_nothing_left(project: Project) -> None:
    project.test(HANGS + ALSO_HANGS)
    run = project.start("--site", "app:create_app", "-n", "2")
    wait_for_browsers(project, run, 2)
    os.killpg(run.pid, signal.SIGINT)
    code, output = project.wait(run)
    assert code == 2, output
    wait_until(lambda: not project.processes(), "the workers' browsers to end", 30)
    assert project.left_behind() == []


def test_ctrl_c_while_a_browser_starts_ends_with_code_2_and_nothing_left(project: Project) -> None:
    """Playwright would complain of the start for whose answer nobody waits any more."""
    project.test(
        """
from playwright.sync_api import BrowserType

def test_opens(visitor, monkeypatch):
    launch = BrowserType.launch_persistent_context

    def launch_and_tell(*args, **options):
        open("opened-", "w").close()
        return launch(*args, **options)

    monkeypatch.setattr(BrowserType, "launch_persistent_context", launch_and_tell)
    while True:
        visitor.open()
        visitor.close()
"""
    )
    run = project.start("--site", "app:create_app")
    wait_for_browsers(project, run, 1)
    os.killpg(run.pid, signal.SIGINT)
    code, output = project.wait(run)
    assert code == 2, output
    assert "KeyboardInterrupt" in output
    assert "never retrieved" not in output
    assert "Traceback" not in output
    assert project.processes() == []
    assert project.left_behind() == []


@pytest.mark.every_engine
def test_what_a_killed_run_leaves_is_swept_by_the_next(project: Project) -> None:
    project.test(HANGS)
    run = project.start("--site", "app:create_app")
    wait_for_browsers(project, run, 1)
    running = project.left_behind()
    assert len(running) == 1

    # While it runs, its folder is its own.
    project.test("def test_other(site):\n    assert site.url\n")
    assert project.run("--site", "app:create_app")[0] == 0
    assert project.left_behind() == running

    run.kill()
    run.communicate()
    wait_until(lambda: not project.processes(), "server, driver and browser to end after pytest was killed", 30)
    assert project.left_behind() == running
    assert project.run("--site", "app:create_app")[0] == 0
    assert project.left_behind() == []


def test_what_is_temporary_lies_in_memory_where_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory, disk = tmp_path / "memory", tmp_path / "disk"
    memory.mkdir()
    disk.mkdir()
    monkeypatch.setattr(folder, "IN_MEMORY", memory)
    monkeypatch.setattr(folder, "_temporary", lambda: disk)
    for tmpdir, room, where in (("", 0, memory), ("", 2**60, disk), (str(disk), 0, disk)):
        monkeypatch.setenv("TMPDIR", tmpdir)
        monkeypatch.setattr(folder, "FREE_BYTES", room)
        run = folder.RunFolder()
        assert run.path.parent == where
        left = where / "cookieproof-left"  # by a run that was killed when there was room elsewhere
        left.mkdir()
        folder.sweep()
        assert not left.exists()
        assert run.path.exists()
        run.close()


def test_a_crashed_worker_leaves_nothing(project: Project) -> None:
    project.test(
        """
import os, signal
def test_crashes(visitor):
    visitor.goto("/")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    )
    code, output = project.run("--site", "app:create_app", "-n", "1")
    assert "worker 'gw0' crashed" in output
    assert code == 1
    wait_until(lambda: not project.processes(), "the crashed worker's server and browser to end", 30)
    assert project.left_behind() == []
