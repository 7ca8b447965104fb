"""The ending by SIGKILL: the browser loses what it has not yet written to disk."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from cookieproof.browser.endings.ending import Running
from cookieproof.browser.engine import Engine
from cookieproof.browser.launcher import wait_for_exit

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext


class Crash:
    """Ends a browser with SIGKILL, and removes the lock files that it leaves in its profile."""

    name = "crash"
    restores = False

    def check(self, engine: Engine, *, headed: bool) -> None:
        """Raise nothing: every browser can be killed."""

    def end(self, running: Running) -> None:
        self.kill(running.pid, running.context, running.profile, running.engine)

    def kill(self, pid: int | None, context: BrowserContext | None, profile: Path, engine: Engine) -> None:
        """Kill the process (None: do not), close Playwright's context (if any), and remove the profile's lock files."""
        from playwright.sync_api import Error

        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)  # Playwright gives each browser a process group of its own
        if context:
            with contextlib.suppress(Error):  # closing fails, since the browser is gone
                context.close()
        wait_for_exit(pid)
        for name in engine.left_by_a_crash:
            (profile / name).unlink(missing_ok=True)
