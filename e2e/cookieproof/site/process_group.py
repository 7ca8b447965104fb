"""One start of a site's command: its supervisor, and every process that the command has started."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil

from cookieproof.site import supervisor
from cookieproof.site.ports import Listener, listeners, listeners_on
from cookieproof.site.process_watch import ProcessWatch

STOP_SECONDS = 5.0  # for SIGTERM
KILL_SECONDS = 5.0  # for SIGKILL: more is needed by none but a process that the kernel holds


class ProcessGroup:
    """Runs a command of /bin/sh until it ends, ``stop`` is called, or this process ends (by SIGKILL, too).

    All processes that the command started end with it, in other sessions too: see ``supervisor.py``.
    """

    def __init__(self, command: str, env: Mapping[str, str], cwd: Path, log: Path) -> None:
        """Start the command in ``cwd``, with ``env`` as its environment; its output is added to the file ``log``."""
        job: supervisor.Job = {"command": command, "env": dict(env), "cwd": str(cwd)}
        with log.open("ab") as output:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-I", "-S", supervisor.__file__],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for pytest, which still needs the site while it closes
            )
        self._process = psutil.Process(self._supervisor.pid)
        self._known: list[psutil.Process] = []
        assert self._supervisor.stdin
        with contextlib.suppress(BrokenPipeError):  # it died already, and its output tells why
            self._supervisor.stdin.write(json.dumps(job).encode() + b"\n")
            self._supervisor.stdin.flush()
        self._watch = ProcessWatch(self._supervisor, [])

    @property
    def ending(self) -> str:
        """How the command ended: ``with exit code 3``, ``by SIGKILL``; an empty text while it runs."""
        return self._watch.ending

    @property
    def exit_code(self) -> int | None:
        """The command's exit code, as ``subprocess.Popen.returncode`` has it."""
        return self._supervisor.returncode

    def await_end(self, seconds: float) -> None:
        """Wait until the command has ended by itself, for so many seconds at most."""
        self._watch.await_end(seconds)

    def is_younger(self, process: psutil.Process) -> bool:
        """Return whether the other process started before this one, so that the command cannot have started it."""
        return bool(process.create_time() < self._process.create_time())

    def processes(self) -> list[psutil.Process]:
        """Return the living processes that the command has started, its shell included, in whatever session."""
        # If the supervisor was killed, none are found; those that were known before must still be ended.
        with contextlib.suppress(psutil.NoSuchProcess):
            self._known = self._process.children(recursive=True)
        return [each for each in self._known if lives(each)]

    def with_listeners(self, port: int) -> tuple[list[psutil.Process], list[Listener]]:
        """Return the site's living processes, including the one that holds the port, and the sockets they listen on."""
        found = self.processes()
        listening = [*listeners(found)]
        if not any(each.port == port for each in listening):  # a container's proxy may, for example
            others = [*listeners_on(port)]
            found += {each.process for each in others if each.process} - {*found}
            listening += others
        return found, listening

    def stop(self) -> None:
        """End all processes: by SIGTERM, and those that have not ended in time by SIGKILL."""
        self.processes()
        self._watch.stop()
        self._supervisor.terminate()
        self._watch.wait(STOP_SECONDS)
        assert self._supervisor.stdin
        with contextlib.suppress(BrokenPipeError):
            self._supervisor.stdin.close()  # the supervisor then kills the rest
        self._watch.wait(KILL_SECONDS)
        self._supervisor.kill()
        self._watch.wait()
        for each in self._known:
            with contextlib.suppress(psutil.Error):
                each.kill()


def lives(process: psutil.Process) -> bool:
    """Return whether the process has not ended. If only its first thread has ended, its status is that of a zombie."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE or process.num_threads() > 1)
    except psutil.NoSuchProcess:
        return False


def has_mapped(process: psutil.Process, file: Path) -> bool:
    """Return whether a process has mapped this file; False for a process that may not be read."""
    try:
        maps = Path(f"/proc/{process.pid}/maps").read_bytes()
    except OSError:
        return False
    # proc_pid_maps(5): the path is the sixth field, with each line feed escaped.
    path = os.fsencode(os.path.realpath(file)).replace(b"\n", rb"\012")
    return any(fields[5:] == [path] for fields in (line.split(maxsplit=5) for line in maps.splitlines()))
