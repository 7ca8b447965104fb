"""A project of somebody else: a folder with an app and a test, in which pytest runs with the harness."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from cookieproof.errors import wait_until

E2E = Path(__file__).parent.parent

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


class Project:
    """The folder, its temporary folder, and pytest runs in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.temporary = folder, folder / "t"
        self.temporary.mkdir()
        self._runs: list[subprocess.Popen[str]] = []
        (folder / "pytest.ini").write_text("[pytest]\n")
        (folder / "app.py").write_text(APP)
        # Neither the outer run's workers nor its settings are the inner run's.
        outer = ("PYTEST_", "DISPLAY", "WAYLAND_DISPLAY", "CI")
        self.env = {key: value for key, value in os.environ.items() if not key.startswith(outer)}
        self.env |= {"TMPDIR": str(self.temporary), "PYTHONPATH": str(E2E), "PYTHONDONTWRITEBYTECODE": "1"}

    def test(self, text: str) -> None:
        """Write the one test file."""
        (self.folder / "test_it.py").write_text("from cookieproof import expect_cookie\n" + text)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start pytest in a process group of its own, as a terminal does."""
        command = [sys.executable, "-m", "pytest", "-p", "cookieproof.plugin", "-p", "no:cacheprovider", *arguments]
        run = subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # A shell's background job ignores Ctrl-C, and so would what it starts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self._runs.append(run)
        return run

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run pytest, and return its exit code and what it printed."""
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=100)
        return process.returncode, output

    def end(self) -> None:
        """Kill the runs that still go on, as after a failed test."""
        for run in self._runs:
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)
                run.communicate()

    def processes(self) -> list[str]:
        """The command lines of the processes that the runs started and that still run (zombies don't)."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.status() != psutil.STATUS_ZOMBIE and process.environ().get("TMPDIR", "").startswith(
                    str(self.temporary)
                ):
                    found.append(" ".join(process.cmdline())[:200])
            except psutil.Error:  # it ended while we looked, or is not ours to look at
                continue
        return found

    def left_behind(self) -> list[str]:
        """What is in the temporary folder, but for pytest's own tmp_path, of which it keeps the last three."""
        return sorted(path.name for path in self.temporary.iterdir() if not path.name.startswith("pytest-of-"))


@pytest.fixture
def project() -> Iterator[Project]:
    """An empty project with one small app, ``app:create_app``. Its path is short, as Chromium's socket needs it."""
    with tempfile.TemporaryDirectory(prefix="p") as folder:
        project = Project(Path(folder))
        yield project
        project.end()
        wait_until(lambda: not project.processes(), "everything that the runs started to end", 10)
