"""What the endings by a signal have in common."""

from __future__ import annotations

import contextlib
import os
import signal

from cookieproof.browser.endings.ending import Running
from cookieproof.browser.launcher import wait_for_the_end


def end_by(number: signal.Signals, running: Running) -> None:
    """Send the signal to the browser's process, and wait until it has ended."""
    from playwright.sync_api import Error

    with contextlib.suppress(Error):  # Playwright's side of it may find nobody there any more
        if running.pid:
            os.kill(running.pid, number)
        wait_for_the_end(running.pid)
        running.context.close()
    wait_for_the_end(running.pid)
