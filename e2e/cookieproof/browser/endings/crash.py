"""Kills the browser: it loses what it has not yet written to disk."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from cookieproof.browser.endings.ending import Running
from cookieproof.browser.engine import Engine
from cookieproof.browser.launcher import wait_for_the_end

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext


class Crash:
    """Ends a browser with SIGKILL, and removes the lock files that it leaves in its profile."""

    name = "crash"
    restores = False

    def check(self, engine: Engine, *, headed: bool) -> None:
        """Nothing to check: every browser ends so."""

    def end(self, running: Running) -> None:
        self.kill(running.pid, running.context, running.profile, running.engine)

    def kill(self, pid: int | None, context: BrowserContext | None, profile: Path, engine: Engine) -> None:
        """Kill the process, close Playwright's context and free the profile; None for what there is not."""
        from playwright.sync_api import Error

        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)  # Playwright gives each browser a process group of its own
        if context:
            with contextlib.suppress(Error):  # Playwright's side of it, which fails as it should
                context.close()
        wait_for_the_end(pid)
        for name in engine.left_by_a_crash:
            (profile / name).unlink(missing_ok=True)
