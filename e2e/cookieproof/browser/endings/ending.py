"""Defines what a way to end a browser must do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cookieproof.browser.engine import Engine

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext


@dataclass(frozen=True)
class Running:
    """The browser that is to be ended: Playwright's context, its process id (None if unknown) and its profile."""

    context: BrowserContext
    pid: int | None
    profile: Path
    engine: Engine
    headed: bool


class Ending(Protocol):
    """A way to end a browser.

    ``name`` is the value of ``visitor.close(how=…)``; ``restores`` is whether a browser that restores its session does
    so after this ending.
    """

    name: str
    restores: bool

    def check(self, engine: Engine, *, headed: bool) -> None:
        """Raise ``Unsupported`` with the reason if this engine cannot be ended in this way."""

    def end(self, running: Running) -> None:
        """End the browser; return when its process has ended and its profile is free, and raise after a deadline."""
