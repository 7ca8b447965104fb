"""The ending by Quit of the browser's menu."""

from __future__ import annotations

from cookieproof.browser.endings.ending import Running
from cookieproof.browser.engine import Engine
from cookieproof.browser.launcher import wait_for_exit


class Quit:
    """Quits the browser as its menu does: the browser writes everything to disk first."""

    name = "quit"
    restores = True

    def check(self, engine: Engine, *, headed: bool) -> None:
        """Raise nothing: every browser can quit."""

    def end(self, running: Running) -> None:
        running.context.close()
        wait_for_exit(running.pid)
