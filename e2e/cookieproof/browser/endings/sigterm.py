"""The ending by SIGTERM, as a system sends it that shuts down."""

from __future__ import annotations

import signal

from cookieproof.browser.endings.by_signal import end_by
from cookieproof.browser.endings.ending import Running
from cookieproof.browser.engine import Engine


class Sigterm:
    """Sends SIGTERM: the browser ends at once, and restores no session later."""

    name = "sigterm"
    restores = False

    def check(self, engine: Engine, *, headed: bool) -> None:
        """Raise nothing: every browser takes the signal."""

    def end(self, running: Running) -> None:
        end_by(signal.SIGTERM, running)
