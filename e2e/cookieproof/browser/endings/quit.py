"""Quits the browser as its menu does."""

from __future__ import annotations

from cookieproof.browser.endings.ending import Running
from cookieproof.browser.engine import Engine
from cookieproof.browser.launcher import wait_for_the_end


class Quit:
    """Has the browser quit, as by its menu: it writes everything to disk first."""

    name = "quit"
    restores = True

    def check(self, engine: Engine, *, headed: bool) -> None:
        """Nothing to check: every browser ends so."""

    def end(self, running: Running) -> None:
        running.context.close()
        wait_for_the_end(running.pid)
