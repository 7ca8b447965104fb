"""Shares between the sites of one worker: clock, certificate, recorder, and servers that tests reuse."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from cookieproof.clock.clock import Clock
from cookieproof.errors import CookieproofError
from cookieproof.site.certificate import Certificate
from cookieproof.site.child import flask_variables
from cookieproof.site.output import last_lines
from cookieproof.site.recorder.recorder import Recorder

SET_UP_SECONDS = 100.0


class SiteServer(Protocol):
    """Serves one site for a whole run, such as a process."""

    def stop(self) -> None:
        """Stop each process that is on the clock, before time goes backward; a later test starts it again."""

    def close(self) -> None:
        """End for good."""


K = TypeVar("K", bound=SiteServer)


class Sites:
    """Shares between a worker's sites a clock, a certificate, a recorder, and servers that tests reuse.

    Paths of apps and commands are relative to ``root``.
    """

    def __init__(self, root: Path, folder: Path, clock: Clock, certificate: Certificate, recorder: Recorder) -> None:
        self.root, self.clock, self.certificate, self.recorder = root, clock, certificate, recorder
        self._folder = folder
        self._servers: dict[Hashable, SiteServer] = {}
        self._set_up: dict[tuple[str, str], str] = {}  # the failure of each set-up command, by command and variables

    def keep(self, key: Hashable, make: Callable[[Path], K]) -> K:
        """Return the server of this key; at first use, make it by ``make(folder)`` with a new folder."""
        if key not in self._servers:
            self._servers[key] = make(self._folder / f"site-{len(self._servers) + 1}")
        return cast(K, self._servers[key])

    def set_up(self, setup: str, config: Mapping[str, Any], env: Mapping[str, str]) -> None:
        """Run the command ``setup`` with ``config`` and ``env`` as its variables, unless it has run with these.

        ``config`` becomes FLASK_* variables. ``{tmp}`` in ``setup`` is filled in. Raises ``CookieproofError`` if the
        command fails, and at each later call for the same command and variables.
        """
        variables = {**flask_variables(config), **env}
        # Another configuration may name another database, which is empty so far.
        key = (setup, repr(sorted(variables.items())))
        if setup and key not in self._set_up:
            self._set_up[key] = _failure_of(self.fill_in(setup), variables, self.root)
        if failure := self._set_up.get(key):
            raise CookieproofError(failure)

    def fill_in(self, value: Any) -> Any:
        """Return the value, with ``{tmp}`` in a text replaced by the path of a folder that all sites share."""
        if not isinstance(value, str) or "{tmp}" not in value:
            return value
        folder = self._folder / "tmp"
        folder.mkdir(exist_ok=True)
        return value.replace("{tmp}", str(folder))

    def stop(self) -> None:
        """Stop all servers; a later test starts its own again."""
        for each in self._servers.values():
            each.stop()

    def close(self) -> None:
        """End all servers for good."""
        with contextlib.ExitStack() as stack:  # one that fails does not keep the others from being closed
            for each in self._servers.values():
                stack.callback(each.close)


def _failure_of(command: str, variables: Mapping[str, str], root: Path) -> str:
    """Run the set-up command, and return how it failed, as a sentence; an empty text if it did not."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])  # for `flask`
    run = subprocess.Popen(
        command,
        shell=True,
        cwd=root,
        env={**os.environ, "PATH": path, **variables},
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
