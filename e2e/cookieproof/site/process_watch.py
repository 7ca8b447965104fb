"""Notices that a site's process has ended by itself, and resets connections to it, so that no browser waits."""

from __future__ import annotations

import contextlib
import select
import signal
import socket
import struct
import subprocess
import threading
from collections.abc import Sequence

RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: closing resets the connection


class ProcessWatch:
    """Watches one process that accepts connections on sockets which this process keeps open.

    The kernel goes on accepting connections for a process that has ended, and clients would wait. So each connection
    is reset from then on, until ``stop``.
    """

    def __init__(self, process: subprocess.Popen[bytes], sockets: Sequence[socket.socket]) -> None:
        self._process, self._sockets = process, sockets
        self._stops = False
        self._ended = threading.Event()
        self._wake, self._waker = socket.socketpair()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def ending(self) -> str:
        """How the process ended: ``with exit code 3``, ``by SIGKILL``; an empty text while it runs."""
        code = self._process.returncode
        if code is None:
            return ""
        if code >= 0:
            return f"with exit code {code}"
        names = {each.value: each.name for each in signal.Signals}  # most of the real-time signals have none
        return f"by {names.get(-code, f'signal {-code}')}"

    def await_end(self, seconds: float) -> None:
        """Wait until the process has ended, for so many seconds at most.

        The kernel closes the connections of a process before anybody can learn that it ends: whoever finds a
        connection broken comes too early to read ``ending`` at once.
        """
        self._ended.wait(seconds)

    def stop(self) -> None:
        """Stop watching, and stop accepting connections: the process is about to be ended."""
        self._stops = True
        self._waker.send(b".")

    def wait(self, seconds: float | None = None) -> None:
        """Wait for the process's end after ``stop``, for so many seconds at most."""
        self._thread.join(seconds)
        if not self._thread.is_alive():
            self._wake.close()
            self._waker.close()

    def _run(self) -> None:
        self._process.wait()
        self._ended.set()
        while not self._stops:
            ready, _, _ = select.select([*self._sockets, self._wake], [], [])
            for each in ready:
                if each in self._sockets and not self._stops:
                    with contextlib.suppress(OSError):
                        connection, _ = each.accept()
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
                        connection.close()
