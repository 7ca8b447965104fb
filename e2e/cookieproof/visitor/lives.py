"""The lives of one visitor's browser: from each opening to the end of its process."""

from __future__ import annotations

import contextlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cookieproof.browser.artifacts import ArtifactsRecorder
from cookieproof.browser.endings import CRASH, Ending, EndingName, Running, ending_of
from cookieproof.browser.engine import Engine
from cookieproof.browser.launcher import Launcher, wait_for_exit
from cookieproof.browser.pages import time_in
from cookieproof.clock.clock import Clock
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.errors import CookieproofError, Unsupported, wait_until
from cookieproof.site.site import Site
from cookieproof.visitor.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext, Page

__tracebackhide__ = True  # a failure points at the line of the test

RESTORE_SECONDS, LEAVE_SECONDS = 30.0, 5.0


class Lives:
    """Opens and ends the browser on one visitor's profile. ``number`` counts its lives from 1."""

    def __init__(
        self,
        launcher: Launcher,
        profile: Path,
        probe: Probe,
        recorder: ArtifactsRecorder | None,
        nickname: str,
        restores_session: bool | str,
    ) -> None:
        """Keep the profile, on which no browser runs yet; ``nickname`` names records, ``probe`` owns other tabs."""
        self.number = 0
        self._restoring = launcher.engine.restoring_by(restores_session)
        self._launcher, self._profile, self._probe = launcher, profile, probe
        self._recorder, self._nickname, self._began = recorder, nickname, "first"
        self._context: BrowserContext | None = None
        self._left = ""  # the URL of the page that the next life restores
        self._restored: Page | None = None
        self._kept_open = ""  # why this browser must stay open; empty if it may be closed

    @property
    def engine(self) -> Engine:
        return self._launcher.engine

    @property
    def context(self) -> BrowserContext | None:
        """Playwright's context; None while the browser is closed."""
        return self._context

    @property
    def name(self) -> str:
        """The name of the present life, for a person: ``visitor-1-life-2-after-close``."""
        return f"{self._nickname}-life-{self.number}-{self._began}"

    @property
    def pages(self) -> list[Page]:
        """The visitor's own pages, the restored one first; without the harness's own."""
        return self._pages_of(self._context) if self._context else []

    def open(self, visitor: int, site: Site) -> BrowserContext:
        """Start the browser on the profile, with the visitor's proxy, and return Playwright's context."""
        if self._context:
            raise CookieproofError("This visitor's browser is open already.")
        if self.number:
            self.require_full_browser()
        if not self._profile.exists():
            self._launcher.prepare(self._profile)
            if self._restoring:
                self._restoring.prepare(self._profile)
        self.number += 1
        options = self._recorder.launch_options() if self._recorder else {}
        options |= {"base_url": site.url, **(self._restoring.launch_options if self._restoring else {})}
        self._context = self._launcher.open(self._profile, options, site.proxy(visitor, self.number))
        if self._recorder:
            self._recorder.begin(self._context)
        return self._context

    def await_restored_page(self) -> None:
        """Wait for the page that the browser restores, and put it before the blank one of the start."""
        context, left = self._context, self._left
        if not context or not left:
            return

        def restored() -> Page | None:
            context.cookies()  # a round trip, during which Playwright dispatches events
            return next((page for page in context.pages if page.url == left), None)

        page = wait_until(restored, f"the browser to restore {left}", RESTORE_SECONDS)
        assert page
        page.wait_for_load_state()
        page.bring_to_front()
        self._restored = page

    @contextlib.contextmanager
    def kept_open(self, reason: str) -> Iterator[None]:
        """For this block, raise ``CookieproofError(reason)`` if the browser is to be ended."""
        before = self._kept_open
        self._kept_open = reason
        try:
            yield
        finally:
            self._kept_open = before

    @contextlib.contextmanager
    def restoring(self, way: str) -> Iterator[None]:
        """For this block, have the browser continue where it was left, in a way that needs no new profile."""
        before, self._restoring = self._restoring, self.engine.restoring_by(way)
        try:
            yield
        finally:
            self._restoring = before

    def check_may_end(self) -> None:
        """Raise ``CookieproofError`` with the reason while a block of ``kept_open`` runs."""
        if self._kept_open:
            raise CookieproofError(self._kept_open)

    def require_ending(self, how: EndingName | Ending) -> None:
        """Raise ``Unsupported`` with the reason if this browser cannot be ended in this way."""
        ending_of(how).check(self.engine, headed=self._launcher.headed)

    def require_full_browser(self) -> None:
        """Raise ``Unsupported`` with the reason if a restart of this browser proves nothing."""
        if self.engine.no_restart:
            raise Unsupported(f"a restart of {self.engine.title} proves nothing: {self.engine.no_restart}")

    def check_clock(self, clock: Clock) -> None:
        """Check that an open browser shows the clock's time: once for each worker, after the first move."""
        if self.pages:
            clock.check("browser", self._launcher.name, partial(time_in, self.pages[0], self.engine))

    def leave(self, first: Page) -> None:
        """Close all pages but ``first``, and make it blank; open a blank one if it has crashed or is busy."""
        from playwright.sync_api import Error

        others = [page for page in self.pages if page != first]
        try:
            first.goto("about:blank", timeout=LEAVE_SECONDS * 1000)
        except Error:
            first.context.new_page()
            others.append(first)
        for other in others:
            other.close()

    def begin_anew(self) -> None:
        """Open a blank page, and close all others, even busy ones."""
        assert self._context
        others = self.pages
        self._context.new_page()
        for other in others:
            other.close()

    @property
    def crash_is_detectable(self) -> bool:
        """Whether the next start would notice a crash now: some time passes until a browser records that it runs."""
        self.require_full_browser()
        return self.engine.crash_is_detectable(self._profile)

    def read_disk(self, host: str) -> dict[str, StoredCookie]:
        """Return the cookies on disk for a host, by name, without values. An open browser may not have written all."""
        self.require_full_browser()
        if not self.engine.on_disk:
            raise Unsupported(f"nobody has found out yet how {self.engine.title} writes its cookies to disk")
        return {cookie.name: cookie for cookie in self.engine.on_disk(self._profile) if cookie.domain_matches(host)}

    def close(self, ending: Ending) -> None:
        """End the browser by this ending, and wait until its process has ended and the profile is free."""
        assert self._context
        running = Running(self._context, self.pid, self._profile, self.engine, self._launcher.headed)
        ending.check(self.engine, headed=running.headed)
        self._record(running.context)
        self._began = "after-close" if ending.name == "quit" else f"after-{ending.name}"
        # Else the harness's tabs would be restored; before a crash nobody closes tabs.
        if ending is CRASH:
            self._probe.forget()
        else:
            self._probe.close()
        returns = self._restoring and self._restoring.shows_pages and ending.restores
        self._left = self.pages[0].url if returns and self.pages else ""
        self._context = None
        ending.end(running)

    def end(self) -> None:
        """End the browser, whatever state it is in."""
        context, self._context = self._context, None
        pid = self.pid
        if context is None:  # as when its start was interrupted
            CRASH.kill(pid, None, self._profile, self.engine)
            return
        try:
            self._record(context)
            context.close()
            wait_for_exit(pid)
        except Exception:  # an interrupt may have broken Playwright; no process may stay behind
            CRASH.kill(pid, context, self._profile, self.engine)
        except BaseException:
            CRASH.kill(pid, context, self._profile, self.engine)
            raise

    @property
    def pid(self) -> int | None:
        """The id of the process that has the profile open; None if none has."""
        return self.engine.pid(self._profile)

    def keep_evidence(self) -> None:
        """Take a screenshot of the visitor's page if the browser is open, whatever the options say."""
        if self._context and self._recorder:
            self._recorder.keep_evidence(self.pages, self.name)

    def _record(self, context: BrowserContext) -> None:
        if self._recorder:
            self._recorder.end(context, self._pages_of(context), self.name)

    def _pages_of(self, context: BrowserContext) -> list[Page]:
        own = self._probe.pages.values()
        return sorted((page for page in context.pages if page not in own), key=lambda page: page != self._restored)
