"""As a person ends it from the menu."""

from __future__ import annotations

from cookieproof.browser.endings.ending import Running
from cookieproof.browser.engine import Engine
from cookieproof.browser.launcher import wait_for_the_end


class Quit:
    """The browser is told to quit, and takes its time."""

    name = "quit"
    restores = True

    def check(self, engine: Engine, *, headed: bool) -> None:
        """Every browser can."""

    def end(self, running: Running) -> None:
        running.context.close()
        wait_for_the_end(running.pid)
