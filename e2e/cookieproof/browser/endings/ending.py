"""Defines what one way to end a browser must do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cookieproof.browser.engine import Engine

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext


@dataclass(frozen=True)
class Running:
    """The browser that is to end: Playwright's context, its process id (None if unknown) and its profile."""

    context: BrowserContext
    pid: int | None
    profile: Path
    engine: Engine
    headed: bool


class Ending(Protocol):
    """One way in which a browser ends.

    ``name`` is a word for ``visitor.close(how=…)``; ``restores`` says whether a browser that
    restores its session does so after this ending.
    """

    name: str
    restores: bool

    def check(self, engine: Engine, *, headed: bool) -> None:
        """Raise ``Unsupported`` with the reason if this engine cannot be ended in this way."""

    def end(self, running: Running) -> None:
        """End the browser, and return when its process has ended and its profile is free; with a deadline."""
