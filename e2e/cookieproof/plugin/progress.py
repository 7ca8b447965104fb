"""Names the checks in a terminal that have been running for long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

SECONDS = 20.0  # a check that takes longer is named, and again after as long
LOOK_SECONDS = 1.0


class Progress:
    """Calls ``write`` with a line for each check that runs for long. ``now`` returns a time in seconds."""

    def __init__(self, write: Callable[[str], object], now: Callable[[], float] = time.monotonic) -> None:
        self._write, self._now = write, now
        self._running: dict[str, tuple[float, float]] = {}  # by the test's id: its start, and when it is named next
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._look_on, name="cookieproof-progress", daemon=True)

    def begin(self) -> None:
        """Start a thread that watches the running checks until ``end``."""
        self._thread.start()

    def end(self) -> None:
        """Stop the thread."""
        self._ended.set()
        self._thread.join()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        with self._lock:
            self._running[nodeid] = self._now(), self._now() + SECONDS

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        with self._lock:
            self._running.pop(nodeid, None)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when == "teardown":
            self.pytest_runtest_logfinish(report.nodeid)

    def look(self) -> None:
        """Write a line for each check that has run for 20 s since it began or was last named."""
        with self._lock:
            now = self._now()
            for nodeid, (start, due) in self._running.items():
                if now >= due:
                    self._running[nodeid] = start, now + SECONDS
                    self._write(f"still running after {now - start:.0f} s: {nodeid}")

    def _look_on(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self.look()
