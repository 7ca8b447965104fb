"""The process that runs a site's command, and leaves nothing of it behind.

Run by ``command_process.py`` as a program of its own, without the packages of the environment: it starts in a few
milliseconds, and is not on the clock. Its standard input is one line of JSON, a ``Job``, and then stays open.

- When standard input ends, as the worker has ended or wants it, all that the command started is killed.
- SIGTERM is passed on to all that the command started, and then this process ends when they have ended.
- When the command ends by itself, the rest of it is killed, and this process ends as the command did.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TypedDict

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # prctl(2)
ONCE_MORE_SECONDS = 0.05  # a killed process has ended by then, or is looked for again
COULD_NOT_BE_STARTED = 126  # what a shell says of a program that is there and cannot be run


class Job(TypedDict):
    """What to run: a command of /bin/sh, its environment and its folder."""

    command: str
    env: dict[str, str]
    cwd: str


class Process(NamedTuple):
    """A process as /proc shows it."""

    pid: int
    parent: int
    group: int
    lives: bool


def main() -> None:
    """Run the job that standard input names, and end as its command ends."""
    job: Job = json.loads(_first_line())
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    # What loses its parent becomes a child of this process, in whatever session it is.
    if prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    woken, waker = socket.socketpair()
    for each in (woken, waker):
        each.setblocking(False)
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)  # the number is read from the socket
    me = os.getpid()

    def end_with_the_supervisor() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != me:
            os._exit(1)

    try:
        shell = subprocess.Popen(
            ["/bin/sh", "-c", job["command"]],
            stdin=subprocess.DEVNULL,
            cwd=job["cwd"],
            env=job["env"],
            start_new_session=True,
            preexec_fn=end_with_the_supervisor,
        )
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        sys.exit(COULD_NOT_BE_STARTED)
    # The Popen is kept until then: one that is garbage-collected would reap the shell before _watch does.
    _end_like(_watch(shell.pid, woken))


def _watch(shell: int, woken: socket.socket) -> int:
    """Wait until the command and all that it started have ended; return the shell's status, as waitpid has it."""
    status, stops = 0, False
    while True:
        ready, _, _ = select.select([sys.stdin, woken], [], [])
        if sys.stdin in ready and not os.read(sys.stdin.fileno(), 1):
            _kill_all(woken)
            return status
        if woken in ready and signal.SIGTERM in woken.recv(4096) and not stops:
            stops = True
            _send(signal.SIGTERM)
        ended = dict(_reap())
        status = ended.get(shell, status)
        if stops and not _has_children():
            return status
        if shell in ended and not stops:
            _kill_all(woken)
            return status


def _first_line() -> bytes:
    # Not by sys.stdin, which reads ahead of select. Nothing comes after the line.
    line = b""
    while not line.endswith(b"\n"):
        if not (more := os.read(sys.stdin.fileno(), 65536)):
            sys.exit("The worker has ended.")
        line += more
    return line


def _reap() -> Iterator[tuple[int, int]]:
    """Yield id and status of each child that has ended."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            yield ended


def _has_children() -> bool:
    """Return whether a descendant lives. It is surer than /proc: an orphan's parent becomes this process."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _send(number: signal.Signals, refused: set[int] | None = None) -> set[int]:
    """Send a signal to the groups of all descendants but those in ``refused``, and return the groups that got it.

    Whole groups get it, since a process that gets it alone may just have started a child. A group of another user,
    which takes no signal, is added to ``refused``.
    """
    refused = set() if refused is None else refused
    # Nobody else is in their groups: the shell has begun a session. Just before, it is in the group of this process.
    groups = {each.group for each in _descendants()} - refused - {os.getpgrp()}
    for group in groups:
        try:
            os.killpg(group, number)
        except ProcessLookupError:
            pass
        except PermissionError:
            refused.add(group)
    return groups


def _kill_all(woken: socket.socket) -> None:
    """Send SIGKILL to every descendant until none is left, except those of another user, which cannot be killed."""
    refused = set[int]()
    while _has_children():
        if not _send(signal.SIGKILL, refused) and refused:
            return
        select.select([woken], [], [], ONCE_MORE_SECONDS)
        with contextlib.suppress(BlockingIOError):
            woken.recv(4096)
        for _ in _reap():
            pass


def _descendants() -> Iterator[Process]:
    """Yield the living descendants of this process."""
    children = defaultdict[int, list[Process]](list)
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has just ended
            process = _parsed(int(folder.name), (folder / "stat").read_bytes())
            children[process.parent].append(process)
    parents = [os.getpid()]
    while parents:
        found = children[parents.pop()]
        parents += [each.pid for each in found]
        yield from (each for each in found if each.lives)


def _parsed(pid: int, stat: bytes) -> Process:
    # After the name, which is in parentheses and may hold any character: state, parent, group (proc_pid_stat(5)).
    fields = stat.rpartition(b")")[2].split()
    # A process of which only the first thread has ended is a zombie by its state.
    return Process(pid, int(fields[1]), int(fields[2]), lives=fields[0] not in (b"Z", b"X") or int(fields[17]) > 1)


def _end_like(status: int) -> None:
    if os.WIFSIGNALED(status):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the command's own is enough
        number = os.WTERMSIG(status)
        with contextlib.suppress(OSError):  # SIGKILL takes no handler
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
