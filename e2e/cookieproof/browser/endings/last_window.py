"""The ending by closing one window after the other."""

from __future__ import annotations

import contextlib

from cookieproof.browser.endings.ending import Running
from cookieproof.browser.engine import Engine
from cookieproof.browser.launcher import wait_for_exit
from cookieproof.errors import Unsupported


class LastWindow:
    """Closes each window; the engine must be one that ends with its last window."""

    name = "last-window"
    restores = True

    def check(self, engine: Engine, *, headed: bool) -> None:
        if not (headed and engine.ends_with_its_last_window):
            which = engine.title if engine.ends_with_its_last_window else "Chromium"
            raise Unsupported(f"only a headed {which} ends with its last window: run it with --headed")

    def end(self, running: Running) -> None:
        from playwright.sync_api import Error

        with contextlib.suppress(Error):  # Playwright may find that the browser is gone
            for page in running.context.pages:
                page.close()
            wait_for_exit(running.pid)
            running.context.close()
        wait_for_exit(running.pid)
