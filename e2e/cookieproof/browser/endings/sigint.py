"""The ending by SIGINT, as Ctrl-C in a terminal sends it."""

from __future__ import annotations

import signal

from cookieproof.browser.endings.by_signal import end_by
from cookieproof.browser.endings.ending import Running
from cookieproof.browser.engine import Engine


class Sigint:
    """Sends SIGINT and waits until the browser has ended."""

    name = "sigint"
    restores = True

    def check(self, engine: Engine, *, headed: bool) -> None:
        """Raise nothing: every browser takes the signal."""

    def end(self, running: Running) -> None:
        end_by(signal.SIGINT, running)
