"""Composes clock, sites, browsers and visitors of one worker, for the plugin, the commands and the benchmark.

Nothing else composes them.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserType, sync_playwright

from cookieproof.browser.abandoned import end_abandoned_calls
from cookieproof.browser.artifacts import ArtifactsRecorder
from cookieproof.browser.engine import Engine
from cookieproof.browser.launcher import Launcher, context_args, launch_args
from cookieproof.browser.run_folder import own_temporary_folder
from cookieproof.clock.clock import Clock
from cookieproof.clock.library import build
from cookieproof.clock.moves import Move
from cookieproof.errors import CookieproofError
from cookieproof.site import kinds
from cookieproof.site.certificate import Certificate
from cookieproof.site.recorder.recorder import Recorder
from cookieproof.site.several_sites import SeveralSites
from cookieproof.site.site import Site
from cookieproof.site.site_spec import SiteSpec
from cookieproof.site.sites import Sites
from cookieproof.visitor.new_visitor import NewVisitor
from cookieproof.visitor.visitor import Visitor


class Harness:
    """Holds what one worker has for the whole run: a folder, a clock, the sites that it serves, and visitors' numbers.

    No two visitors of a run have the same number, so a late request from an earlier test is never counted as one of
    this test. ``no_clock`` says why the clock cannot be moved; an empty text if it can.
    """

    def __init__(self, folder: Path, root: Path) -> None:
        """Keep temporary files in ``folder``; paths of apps are relative to ``root``."""
        self.folder = folder
        library, self.no_clock = _clock_library()
        self.clock = Clock(folder, library)
        certificate = Certificate(folder)
        self._recorder = Recorder(certificate.file, self.clock.now)
        self.sites = Sites(root, folder, self.clock, certificate, self._recorder)
        self._numbers = itertools.count(1)

    def site(self, spec: SiteSpec) -> Site:
        """Return the site that ``spec`` describes; a ``SeveralSites``, if ``spec`` names further sites.

        Raises ``CookieproofError`` if ``spec`` describes no site.
        """
        first = kinds.choose(spec)(self.sites)
        others = {each.other: kinds.choose(each)(self.sites) for each in spec.others}
        return SeveralSites(first, others, self.clock) if others else first

    def site_of(self, web_server: Mapping[str, Any]) -> Site:
        """Return the site that a ``web_server`` of playwright.config.py describes."""
        return self.site(SiteSpec(self.sites.root, web_server))

    def launcher(
        self,
        engine: Engine,
        browser_type: BrowserType,
        launch_options: Mapping[str, Any],
        context_options: Mapping[str, Any],
        on_start: Callable[[str], None] = lambda name: None,
        template: Path | None = None,
    ) -> Launcher:
        """Return a launcher that starts browsers with these options of Playwright's, on this harness's clock.

        ``on_start`` gets the browser's name at each start. ``template`` is as in ``Launcher``.
        """
        return Launcher(
            engine, browser_type, launch_options, context_options, self.clock.env("browser"), on_start, template
        )

    def artifacts_recorder(
        self,
        launcher: Launcher,
        *,
        tracing: str,
        screenshot: str,
        video: str,
        full_page: bool = False,
        tell: Callable[[str], object],
    ) -> ArtifactsRecorder:
        """Return a recorder for the lives of this launcher's browsers, which writes to a new folder.

        The options are pytest-playwright's. ``tell`` is called with a sentence for each thing that cannot be recorded.
        """
        folder = Path(tempfile.mkdtemp(dir=self.folder, prefix="records-"))
        return ArtifactsRecorder(folder, tracing, screenshot, video, full_page, launcher.no_video, tell)

    @contextmanager
    def visitors(
        self, site: Site, launcher: Launcher, recorder: ArtifactsRecorder | None = None
    ) -> Iterator[NewVisitor]:
        """Give the block a function that makes visitors of the site.

        After the block their browsers have ended and their profiles are removed.
        """
        names = itertools.count(1)
        with ExitStack() as stack:

            def new_visitor(*, restores_session: bool | str = False) -> Visitor:
                number = next(self._numbers)
                profile, nickname = self.folder / f"profile-{number}", f"visitor-{next(names)}"
                stack.callback(shutil.rmtree, profile, ignore_errors=True)
                visitor = Visitor(number, site, self.clock, launcher, profile, recorder, nickname, restores_session)
                on_move = self.clock.on_move(
                    before=visitor.wait_for_network_idle, awake_pages=visitor.awake, after=partial(_after_move, visitor)
                )
                stack.enter_context(on_move)
                stack.callback(visitor.end)
                return visitor

            yield new_visitor

    @contextmanager
    def real_time_afterwards(self) -> Iterator[None]:
        """After this block, one test, set the clock to the real time, whatever error the block's end has raised.

        If the clock was moved, all sites are stopped first: no process may see time go backward.
        """
        try:
            yield
        finally:
            if self.clock.moved:
                self.sites.stop()
                self.clock.reset()

    def close(self) -> None:
        """End every site, and the recorder."""
        try:
            self.sites.close()
        finally:
            self._recorder.close()


def launcher_off_the_clock(engine: Engine, browser_type: BrowserType, launch_options: Mapping[str, Any]) -> Launcher:
    """Return a launcher without a clock, for a command that only starts a browser."""
    return Launcher(engine, browser_type, launch_options, {}, {}, on_start=lambda name: None)


@dataclass
class CommandHarness:
    """A harness with one engine, for a command: it makes visitors whose browsers end with the command."""

    harness: Harness
    launcher: Launcher
    _stack: ExitStack

    def new_visitor(self, site: Site, recorder: ArtifactsRecorder | None = None) -> Visitor:
        """Return a visitor of the site; its browser ends with the command."""
        new_visitor = self._stack.enter_context(self.harness.visitors(site, self.launcher, recorder))
        return new_visitor()


@contextmanager
def harness_for(engine: Engine) -> Iterator[CommandHarness]:
    """Give the block a harness for the current folder and one engine, and end all that it started after the block.

    Raises ``CookieproofError`` if this machine has no browser of that engine.
    """
    with own_temporary_folder() as folder, sync_playwright() as playwright, ExitStack() as stack:
        stack.callback(end_abandoned_calls, playwright)
        harness = Harness(folder, Path.cwd())
        stack.callback(harness.close)
        browser_type: BrowserType = getattr(playwright, engine.browser)
        options = launch_args(engine, {}, browser_type.executable_path, harness.sites.certificate)
        yield CommandHarness(harness, harness.launcher(engine, browser_type, options, context_args(engine)), stack)


def _after_move(visitor: Visitor, move: Move) -> None:
    visitor.lives.check_clock(visitor.clock)
    visitor.awake.note_move(move)


def _clock_library() -> tuple[Path | None, str]:
    """Return the preload library of the clock and an empty text; or None and the reason why there is none."""
    try:
        return build(), ""
    except CookieproofError as error:
        return None, str(error)
