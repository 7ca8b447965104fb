"""Runs ``python -m …`` in a process that is forked from one which has imported already what such a run imports.

The tests start pytest and our commands some hundred times, and of each start's processor time four fifths went into
the same imports. No plugin of pytest is among them, and nothing of ours: each run imports these itself, as any does.
"""

from __future__ import annotations

import gc
import importlib
import os
import pickle
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

IMPORTED = (
    "pytest",
    "_pytest.legacypath",
    "_pytest.pastebin",
    "_pytest.junitxml",
    "playwright.sync_api",
    "flask.cli",
    "trustme",
    "psutil",
    "execnet",
    "pdb",
    "slugify",
    "werkzeug.serving",
)
MOST_BYTES = 2**17  # of an order


class Run(Protocol):
    """A run that was started: what the tests need of ``subprocess.Popen``."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...
    def communicate(self, *, timeout: float | None = None) -> tuple[str, Any]: ...
    def kill(self) -> None: ...


class ForkedRun:
    """A run whose exit code comes through a pipe, from the process that waits for it. It leads its process group."""

    def __init__(self, status: int, output: int, errors: int) -> None:
        """Three file descriptors: ``status`` tells its process id, and its exit code once it has ended."""
        self._status, self._files = status, (output, errors)
        self._returncode: int | None = None
        self._said: list[str] = []
        self.pid = _number(status)

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        if self._returncode is None and select.select([self._status], [], [], 0)[0]:
            self._returncode = _number(self._status)
            os.close(self._status)
        return self._returncode

    def communicate(self, *, timeout: float | None = None) -> tuple[str, str]:
        """Wait for its end, and return what it wrote: all of it first, if its standard error is not kept apart."""
        if self._returncode is None and not select.select([self._status], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("a forked run", timeout or 0)
        self.poll()
        for each in self._files[len(self._said) :]:
            with open(each, "rb") as file:
                file.seek(0)
                self._said.append(file.read().decode())
        return self._said[0], self._said[1]

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


class WarmPython:
    """A Python that has imported IMPORTED, and forks a process for each run. It ends with ``close``, or with us."""

    def __init__(self, env: Mapping[str, str]) -> None:
        """``env`` has what Python reads when it starts (PYTHONPATH, …): a run's environment cannot change that."""
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())],
                env=dict(env),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )

    def start(self, words: Sequence[str], folder: Path, env: Mapping[str, str], *, apart: bool = False) -> ForkedRun:
        """Run ``python -m`` with these words in the folder; ``apart`` is whether standard error is kept apart."""
        files = os.memfd_create("output"), os.memfd_create("errors")
        read, write = os.pipe()
        order = pickle.dumps((list(words), str(folder), dict(env)))
        try:
            socket.send_fds(self._orders, [order], [write, files[0], files[apart]])
        finally:
            os.close(write)
        return ForkedRun(read, *files)

    def close(self) -> None:
        self._orders.close()
        self._process.wait()


def _number(pipe: int) -> int:
    return int.from_bytes(os.read(pipe, 4), signed=True, byteorder="big")


def _tell(pipe: int, number: int) -> None:
    os.write(pipe, number.to_bytes(4, signed=True, byteorder="big"))


def _serve(orders: socket.socket) -> list[str]:
    """Fork for each order. Returns in the forks, with the words that are to be run; ends with who gives the orders."""
    for name in IMPORTED:
        importlib.import_module(name)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks that wait
    while True:
        order, fds, *_ = socket.recv_fds(orders, MOST_BYTES, 3)
        if not order:
            sys.exit()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            orders.close()
            break
        for fd in fds:
            os.close(fd)
    status, output, errors = fds
    if run := os.fork():
        _tell(status, run)
        _tell(status, os.waitstatus_to_exitcode(os.waitpid(run, 0)[1]))
        os._exit(0)
    os.close(status)
    words, folder, env = pickle.loads(order)
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(output, 1)
    os.dup2(errors, 2)
    for fd in (output, errors):
        os.close(fd)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    sys.path.insert(0, folder)  # as -m does
    return list(words)


if __name__ == "__main__":
    del sys.path[0]  # this file's folder
    sys.argv[1:] = _serve(socket.socket(fileno=int(sys.argv[1])))
    runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
