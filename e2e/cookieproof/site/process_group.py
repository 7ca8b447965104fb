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
    """Runs a command of /bin/sh, until it ends, ``stop`` is called or this process ends, by SIGKILL too.

    With it ends all that it started, in other sessions too: ``supervisor.py``.
    """

    def __init__(self, command: str, env: Mapping[str, str], cwd: Path, log: Path) -> None:
        """``env`` is the whole environment; what the command prints is added to the file ``log``."""
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
        with contextlib.suppress(BrokenPipeError):  # it died already: its own words tell why
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
        """Wait until it has ended by itself, for so long at the most."""
        self._watch.await_end(seconds)

    def is_younger(self, process: psutil.Process) -> bool:
        """Whether the other process started before this one, so that the command cannot have started it."""
        return bool(process.create_time() < self._process.create_time())

    def processes(self) -> list[psutil.Process]:
        """The living processes that the command has started, its shell among them, in whatever session they are."""
        # None are found if the supervisor was killed; what was known of them is then still to be ended.
        with contextlib.suppress(psutil.NoSuchProcess):
            self._known = self._process.children(recursive=True)
        return [each for each in self._known if lives(each)]

    def with_listeners(self, port: int) -> tuple[list[psutil.Process], list[Listener]]:
        """Return the site's living processes, whoever holds the port among them, and where they listen."""
        found = self.processes()
        listening = [*listeners(found)]
        if not any(each.port == port for each in listening):  # what publishes the port of a container, say
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
            self._supervisor.stdin.close()  # which has it kill the rest
        self._watch.wait(KILL_SECONDS)
        self._supervisor.kill()
        self._watch.wait()
        for each in self._known:
            with contextlib.suppress(psutil.Error):
                each.kill()


def lives(process: psutil.Process) -> bool:
    """Whether the process has not ended; where only its first thread has, its status is that of a zombie, too."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE or process.num_threads() > 1)
    except psutil.NoSuchProcess:
        return False


def has_mapped(process: psutil.Process, file: Path) -> bool:
    """Whether a process has this file in its memory; False for one that may not be looked into."""
    try:
        maps = Path(f"/proc/{process.pid}/maps").read_bytes()
    except OSError:
        return False
    # proc_pid_maps(5): the path is the sixth field, with each line feed escaped.
    path = os.fsencode(os.path.realpath(file)).replace(b"\n", rb"\012")
    return any(fields[5:] == [path] for fields in (line.split(maxsplit=5) for line in maps.splitlines()))
