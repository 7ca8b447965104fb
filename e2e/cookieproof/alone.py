"""The harness without pytest, for the commands: sites, their clock and their visitors."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import BrowserType, sync_playwright

from cookieproof.clock import Clock, build
from cookieproof.engines import Engine
from cookieproof.errors import CookieproofError
from cookieproof.folder import own_temporary_folder
from cookieproof.launcher import Launcher, context_args, launch_args
from cookieproof.recorder import Recorder
from cookieproof.server import Servers, Site
from cookieproof.visitor import Visitor


class Harness:
    """Serves sites as seen from the current folder, and makes visitors of one engine.

    ``no_clock`` says why the clock cannot be moved; an empty text if it can.
    """

    def __init__(self, engine: Engine, browser_type: BrowserType, folder: Path, stack: ExitStack) -> None:
        self.folder, self._stack, self._numbers = folder, stack, itertools.count(1)
        library, self.no_clock = None, ""
        try:
            library = build()
        except CookieproofError as error:
            self.no_clock = str(error)
        self.clock = Clock(folder, library)
        self.servers = Servers(Path.cwd(), folder, self.clock)
        stack.callback(self.servers.close)
        self.launcher = Launcher(
            engine,
            browser_type,
            launch_args(engine, {}, browser_type.executable_path, self.servers.certificate),
            context_args(engine),
            self.clock.env("browser"),
            lambda name: None,
        )

    def visitor(self, site: Site, recorder: Recorder | None = None) -> Visitor:
        number = next(self._numbers)
        visitor = Visitor(number, site, self.clock, self.launcher, self.folder / f"profile-{number}", recorder)
        self.clock.before_move.append(visitor.settle)
        self.clock.after_move.append(lambda by, hands: visitor.check_clock())
        self._stack.callback(visitor.end)
        return visitor


@contextmanager
def harness(engine: Engine) -> Iterator[Harness]:
    """Whatever it starts ends with the block. Raises ``CookieproofError`` where there is no such browser."""
    with own_temporary_folder() as folder, sync_playwright() as playwright, ExitStack() as stack:
        yield Harness(engine, getattr(playwright, engine.browser), folder, stack)
