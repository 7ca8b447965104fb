"""What an ending is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cookieproof.browser.engine import Engine

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext


@dataclass(frozen=True)
class Running:
    """A browser that is about to end: Playwright's context, its process (None if nobody knows it), its profile."""

    context: BrowserContext
    pid: int | None
    profile: Path
    engine: Engine
    headed: bool


class Ending(Protocol):
    """One way in which a browser ends.

    ``name`` is a word for ``visitor.close(how=…)``; ``restores`` says whether a browser that
    continues where it was left has been told in time to do so.
    """

    name: str
    restores: bool

    def check(self, engine: Engine, *, headed: bool) -> None:
        """Raise ``Unsupported`` with the reason where this browser does not end so."""

    def end(self, running: Running) -> None:
        """End it, and return once its process has ended and its profile is free; with a deadline."""
