"""Delays Ctrl-C until a moment that Playwright survives.

Playwright's sync API survives a KeyboardInterrupt while it waits for its driver. One that falls between sending a
message and noting that an answer is due breaks the connection (KeyError in Connection.dispatch): browsers could then
no longer be closed. So an interrupt inside Playwright is delayed until Playwright waits for its driver.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from types import FrameType

import playwright

PLAYWRIGHT = os.path.join(os.path.dirname(playwright.__file__), "")
LONGEST_SECONDS = 2.0


class Interrupts:
    """Handles SIGINT during one run."""

    def __init__(self) -> None:
        self._since: float | None = None
        # A background job ignores Ctrl-C, and must go on ignoring it; only the main thread may handle signals.
        is_ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        self._handles = is_ours and threading.current_thread() is threading.main_thread()
        if self._handles:
            signal.signal(signal.SIGINT, self._handle)

    def close(self) -> None:
        """Restore the handler of SIGINT that was there before."""
        if self._handles:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self._since = self._since or time.monotonic()
        if _is_safe(frame) or time.monotonic() - self._since > LONGEST_SECONDS:
            self._since = None
            raise KeyboardInterrupt
        # Again in 10 ms, for the main thread.
        threading.Timer(0.01, os.kill, [os.getpid(), number]).start()


def _is_safe(frame: FrameType | None) -> bool:
    if frame and os.path.basename(frame.f_code.co_filename) == "selectors.py":
        return True  # the event loop waits for the driver
    while frame:
        if frame.f_code.co_filename.startswith(PLAYWRIGHT):
            return False
        frame = frame.f_back
    return True
