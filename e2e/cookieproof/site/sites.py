"""The sites of one worker."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cookieproof.clock.clock import Clock
from cookieproof.errors import CookieproofError
from cookieproof.site.app_process import AppProcess
from cookieproof.site.certificate import Certificate
from cookieproof.site.child import flask_variables
from cookieproof.site.output import last_lines
from cookieproof.site.served_app import ServedApp

SET_UP_SECONDS = 100.0


class Sites:
    """The apps that one worker serves: each is started when a test first asks, and kept until the run ends."""

    def __init__(self, root: Path, folder: Path, clock: Clock) -> None:
        self.root, self.folder, self.clock = root, folder, clock
        self.certificate = Certificate(folder)
        self._processes: dict[tuple[str, str], AppProcess] = {}
        self._set_up: dict[str, str] = {}  # what went wrong, by command

    def served_app(
        self, app: str, config: Mapping[str, Any], env: Mapping[str, str], setup: str = "", *, https: bool = False
    ) -> ServedApp:
        """The app for one test, with a log and a wire of the test's own.

        ``setup`` is a shell command, which runs once before. ``{tmp}`` in a text is a folder
        that all apps of this worker share. ``https`` is whether the site's URLs are https by default.
        """
        config = {name: self._fill_in(value) for name, value in config.items()}
        env = {name: self._fill_in(value) for name, value in env.items()} | self.clock.env("site")
        key = (app, repr(sorted(config.items())))
        if setup and setup not in self._set_up:
            self._set_up[setup] = _failure_of(self._fill_in(setup), config, env, self.root)
        if failure := self._set_up.get(setup):
            raise CookieproofError(failure)
        if key not in self._processes:
            folder = self.folder / f"site-{len(self._processes) + 1}"
            self._processes[key] = AppProcess(app, config, env, self.root, folder, self.certificate.file)
        return ServedApp(self._processes[key], self.clock, https=https)

    def _fill_in(self, value: Any) -> Any:
        if not isinstance(value, str) or "{tmp}" not in value:
            return value
        folder = self.folder / "tmp"
        folder.mkdir(exist_ok=True)
        return value.replace("{tmp}", str(folder))

    def stop(self) -> None:
        """Stop every app; each starts again when a test asks."""
        for process in self._processes.values():
            process.stop()

    def close(self) -> None:
        """Stop every app and give the ports back."""
        for process in self._processes.values():
            process.close()


def _failure_of(command: str, config: Mapping[str, Any], env: Mapping[str, str], root: Path) -> str:
    """Run the set-up command: an empty text, or a sentence that says how it failed."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])  # for `flask`
    run = subprocess.Popen(
        command,
        shell=True,
        cwd=root,
        env={**os.environ, "PATH": path, **flask_variables(config), **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = run.communicate(timeout=SET_UP_SECONDS)
        how = f"failed with exit code {run.returncode}" if run.returncode else ""
    except BaseException as error:  # the test's own time may be over first
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
        output, _ = run.communicate()
        if not isinstance(error, subprocess.TimeoutExpired):
            raise
        how = f"was ended after {SET_UP_SECONDS:g} s"
    if not how:
        return ""
    return f"The site's set-up command `{command}` {how}. It said last:\n{last_lines(output)}".rstrip()
