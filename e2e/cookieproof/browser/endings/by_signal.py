"""The function that all endings by a signal share."""

from __future__ import annotations

import contextlib
import os
import signal

from cookieproof.browser.endings.ending import Running
from cookieproof.browser.launcher import wait_for_exit


def end_by(number: signal.Signals, running: Running) -> None:
    """Send the signal to the browser's process, and wait until it has ended."""
    from playwright.sync_api import Error

    with contextlib.suppress(Error):  # Playwright may find that the browser is gone
        if running.pid:
            os.kill(running.pid, number)
        wait_for_exit(running.pid)
        running.context.close()
    wait_for_exit(running.pid)
