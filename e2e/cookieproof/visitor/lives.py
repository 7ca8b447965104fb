"""The lives of one visitor's browser: from each opening to the end of its process."""

from __future__ import annotations

import contextlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cookieproof.browser.artifacts import ArtifactsRecorder
from cookieproof.browser.endings import CRASH, Ending, EndingName, Running, ending_of
from cookieproof.browser.engine import Engine
from cookieproof.browser.launcher import Launcher, wait_for_the_end
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
    """One profile, and the browser on it, which is open or closed. ``number`` counts its lives from 1."""

    def __init__(
        self,
        launcher: Launcher,
        profile: Path,
        probe: Probe,
        recorder: ArtifactsRecorder | None,
        nickname: str,
        restores_session: bool | str,
    ) -> None:
        """``nickname`` names what is recorded; ``probe`` owns the tabs that are not the visitor's."""
        self.number = 0
        self._restoring = launcher.engine.restoring_by(restores_session)
        self._launcher, self._profile, self._probe = launcher, profile, probe
        self._recorder, self._nickname, self._began = recorder, nickname, "first"
        self._context: BrowserContext | None = None
        self._left = ""  # the page to come back to
        self._restored: Page | None = None
        self._kept_open = ""  # why this browser must stay open, for whoever would close it

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
        """The visitor's own pages, first the one that the browser restored; without those that the harness opened."""
        return self._pages_of(self._context) if self._context else []

    def open(self, visitor: int, site: Site) -> BrowserContext:
        """Start the browser on the profile, with the visitor's own proxy, which tells the site's recorder who asks."""
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

    def come_back(self) -> None:
        """Wait for the page that the browser restores, and put it before the blank one that it was started with."""
        context, left = self._context, self._left
        if not context or not left:
            return

        def restored() -> Page | None:
            context.cookies()  # a round trip, by which Playwright hands over what has happened
            return next((page for page in context.pages if page.url == left), None)

        page = wait_until(restored, f"the browser to restore {left}", RESTORE_SECONDS)
        assert page
        page.wait_for_load_state()
        page.bring_to_front()
        self._restored = page

    @contextlib.contextmanager
    def kept_open(self, reason: str) -> Iterator[None]:
        """For this block, raise ``CookieproofError`` with this reason where the browser is to be ended."""
        self._kept_open = reason
        try:
            yield
        finally:
            self._kept_open = ""

    def check_may_end(self) -> None:
        if self._kept_open:
            raise CookieproofError(self._kept_open)

    def require_ending(self, how: EndingName | Ending) -> None:
        """Raise ``Unsupported`` with the reason, where this browser has no such ending."""
        ending_of(how).check(self.engine, headed=self._launcher.headed)

    def require_full_browser(self) -> None:
        """Raise ``Unsupported`` with the reason, where closing and opening the browser proves nothing."""
        if self.engine.no_restart:
            raise Unsupported(f"a restart of {self.engine.title} proves nothing: {self.engine.no_restart}")

    def check_clock(self, clock: Clock) -> None:
        """Check that this browser, if it is open, shows the new time: once for each worker, after the first move."""
        if self.pages:
            clock.check("browser", self._launcher.name, partial(time_in, self.pages[0], self.engine))

    def leave(self, first: Page) -> None:
        """Close all pages but the first and make that one blank, or a new one where it has crashed or is busy."""
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
        """Close all pages, whatever keeps them busy, and open a blank one."""
        assert self._context
        others = self.pages
        self._context.new_page()
        for other in others:
            other.close()

    @property
    def crash_is_detectable(self) -> bool:
        """Whether the next start would notice a crash now: a browser writes only some time later that it runs."""
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
        # The harness's tabs would be tabs that the visitor left open; of a crash nobody closes them before.
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
        if context is None:  # its start was interrupted, say
            CRASH.kill(pid, None, self._profile, self.engine)
            return
        try:
            self._record(context)
            context.close()
            wait_for_the_end(pid)
        except Exception:  # an interrupt may have broken Playwright's side of it; nothing is to be left behind
            CRASH.kill(pid, context, self._profile, self.engine)
        except BaseException:
            CRASH.kill(pid, context, self._profile, self.engine)
            raise

    @property
    def pid(self) -> int | None:
        """The process that has the profile open, None if none has."""
        return self.engine.pid(self._profile)

    def keep_evidence(self) -> None:
        """Take a picture of what this visitor sees, if the browser is open, whatever the options say."""
        if self._context and self._recorder:
            self._recorder.keep_evidence(self.pages, self.name)

    def _record(self, context: BrowserContext) -> None:
        if self._recorder:
            self._recorder.end(context, self._pages_of(context), self.name)

    def _pages_of(self, context: BrowserContext) -> list[Page]:
        own = self._probe.pages.values()
        return sorted((page for page in context.pages if page not in own), key=lambda page: page != self._restored)
