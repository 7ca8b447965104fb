"""A project of somebody else: a folder with an app and a test, in which pytest runs with the harness."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from cookieproof.errors import wait_until
from selftests.support.warm import Run, WarmPython

pytest.register_assert_rewrite("_pytest.pytester_assertions")  # so that a wrong number is said

E2E = Path(__file__).parents[2]

APP = """
import flask, os

def create_app():
    app = flask.Flask(__name__)

    @app.get("/")
    def home():
        response = flask.make_response("hello")
        response.set_cookie("seen", "yes")
        return response

    return app
"""


# Neither the outer run's workers nor its settings are the inner run's.
OUTER = ("PYTEST_", "DISPLAY", "WAYLAND_DISPLAY", "CI")
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith(OUTER)}
ENVIRONMENT |= {"PYTHONPATH": str(E2E), "PYTHONDONTWRITEBYTECODE": "1"}


class Result(NamedTuple):
    """What a run of pytest ended with: its exit code, and what it printed."""

    code: int
    output: str

    def assert_outcomes(
        self,
        passed: int = 0,
        skipped: int = 0,
        failed: int = 0,
        errors: int = 0,
        xpassed: int = 0,
        xfailed: int = 0,
        warnings: int | None = None,
        deselected: int | None = None,
    ) -> None:
        """As ``pytest.RunResult`` has it: so many of each, none of what is not named. The output is shown if not."""
        __tracebackhide__ = True
        print(self.output)
        pytest.RunResult(self.code, self.output.splitlines(), [], 0).assert_outcomes(
            passed=passed,
            skipped=skipped,
            failed=failed,
            errors=errors,
            xpassed=xpassed,
            xfailed=xfailed,
            warnings=warnings,
            deselected=deselected,
        )


class Project:
    """The folder, its temporary folder, and pytest runs in it."""

    def __init__(self, folder: Path, browser: str, warm: WarmPython) -> None:
        self.folder, self.temporary, self.browser = folder, folder / "t", browser
        self.temporary.mkdir()
        self._warm, self._runs = warm, list[Run]()
        self.launches: list[str] = []
        self.python = sys.executable
        (folder / "pytest.ini").write_text("[pytest]\n")
        (folder / "app.py").write_text(APP)
        self.env = {**ENVIRONMENT, "TMPDIR": str(self.temporary)}

    def stand_in_for_chromium(self, program: Path) -> None:
        """Have the runs find this program where they look for the system's Chromium."""
        programs = self.folder / "b"
        programs.mkdir()
        (programs / "chromium").write_text(f'#!/bin/sh\nexec {program} "$@"\n')
        (programs / "chromium").chmod(0o755)
        self.env["PATH"] = f"{programs}:{self.env['PATH']}"

    def test(self, text: str) -> None:
        """Write the one test file."""
        (self.folder / "test_it.py").write_text("from cookieproof import expect_cookie\n" + text)

    # hypothesis' plugin imports all of it, which would be half of what a run without a browser costs.
    ARGUMENTS = ("-p", "cookieproof.plugin", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:randomly")

    def command(self, *words: str) -> tuple[int, str]:
        """Run ``python -m`` with these words, and return the exit code and what it printed."""
        run = self._warm.start(words, self.folder, self.env, apart=True)
        self._runs.append(run)
        said, errors = run.communicate()
        self.count(said)
        return run.poll() or 0, said + errors

    def start(self, *arguments: str) -> Run:
        """Start pytest in a process group of its own, as a terminal does."""
        words = ["pytest", *self.ARGUMENTS, *arguments]
        if self.browser != "chromium" and not {"--browser", "--project"} & set(arguments):
            words += ["--browser", self.browser]
        run = self._warm.start(words, self.folder, self.env) if self.python == sys.executable else self._cold(words)
        self._runs.append(run)
        return run

    def _cold(self, words: list[str]) -> Run:
        return subprocess.Popen(
            [self.python, "-m", *words],
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str) -> Result:
        """Run pytest, and return its exit code and what it printed."""
        process = self.start(*arguments)
        return self.wait(process)

    def wait(self, run: Run) -> Result:
        """Wait for a run that was started, and return its exit code and what it printed."""
        output, _ = run.communicate(timeout=280)  # the test's own deadline comes before, unless it is a longer one
        self._runs.remove(run)
        self.count(output)
        return Result(run.poll() or 0, output)

    def count(self, output: str) -> None:
        """Add the browsers that a run says it has started."""
        for line in re.findall(r"^browser starts: \d+ \((.*)\)$", output, re.M):
            for count, browser in re.findall(r"(\d+) of ([^,]+)", line):
                self.launches += [browser] * int(count)

    def end(self) -> None:
        """Kill the runs that still go on, as after a failed test."""
        for run in self._runs:
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)
            run.communicate()

    def processes(self) -> list[str]:
        """The command lines of the processes that the runs started and that still run (zombies don't)."""
        return [line for _, line in self._running()]

    def kill_what_is_left(self) -> None:
        """Kill what the runs started and left, which is told as an error: the machine is others', too.

        One of them may start another meanwhile, as Playwright's driver starts a browser: until none is found.
        """
        while left := self._running():
            for process, _ in left:
                with suppress(psutil.Error):
                    process.kill()

    def _running(self) -> list[tuple[psutil.Process, str]]:
        found = []
        for process in psutil.process_iter():
            try:
                if process.status() != psutil.STATUS_ZOMBIE and process.environ().get("TMPDIR", "").startswith(
                    str(self.temporary)
                ):
                    found.append((process, " ".join(process.cmdline())[:200]))
            except psutil.Error:  # it ended while we looked, or is not ours to look at
                continue
        return found

    def left_behind(self) -> list[str]:
        """What is in the temporary folder, but for pytest's own tmp_path, of which it keeps the last three."""
        return sorted(path.name for path in self.temporary.iterdir() if not path.name.startswith("pytest-of-"))


def wait_for_browsers(project: Project, run: Run, count: int) -> None:
    """Wait until so many tests of the run have said, by a file, that their browsers are open."""
    wait_until(
        lambda: run.poll() is not None or len(list(project.folder.glob("opened-*"))) == count, "open browsers", 60
    )
    assert run.poll() is None, run.communicate()[0]
