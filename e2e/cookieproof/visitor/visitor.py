"""A person: one browser profile on disk, a browser that is open or closed, and its pages."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, cast

from cookieproof.browser.artifacts import ArtifactsRecorder
from cookieproof.browser.endings import CRASH, Ending, EndingName, ending_of
from cookieproof.browser.engine import Engine
from cookieproof.browser.launcher import Launcher
from cookieproof.clock.clock import Clock
from cookieproof.cookies.exchange import Exchange
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.errors import CookieproofError
from cookieproof.site.site import Site
from cookieproof.visitor.awake import Awake
from cookieproof.visitor.back_and_forward import BackAndForward
from cookieproof.visitor.icons import Icons
from cookieproof.visitor.lives import Lives
from cookieproof.visitor.navigation import Navigation
from cookieproof.visitor.network_idle import NetworkIdle
from cookieproof.visitor.probe import Probe
from cookieproof.visitor.sent import SentCookies
from cookieproof.visitor.session_history import SessionHistory
from cookieproof.visitor.storage import Storage
from cookieproof.visitor.storage_mixin import StorageMixin
from cookieproof.visitor.store import Store
from cookieproof.visitor.wire import Wire

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Frame, Page, Response

__tracebackhide__ = True  # a failure points at the line of the test

IDLE_SECONDS = 20.0


class Visitor(BackAndForward, StorageMixin):
    """One person, whose browser opens at first use, and is then opened and closed by the test.

    The time from an opening to the browser's end is a life; ``life`` counts them from 1, ``lives`` opens and ends
    them. ``store`` is the cookie store, ``web_storage`` localStorage and the like, ``network_idle`` waits for pending
    requests, ``awake`` runs timers of pages during a move of the clock, and ``sent_cookies`` asks the probe.
    """

    def __init__(
        self,
        number: int,
        site: Site,
        clock: Clock,
        launcher: Launcher,
        profile: Path,
        recorder: ArtifactsRecorder | None = None,
        nickname: str = "visitor",
        restores_session: bool | str = False,
    ) -> None:
        """Make the visitor that exchanges have as ``number``; ``nickname`` names what is recorded."""
        self.number, self.site, self.clock = number, site, clock
        self._launcher = launcher
        self._probe = Probe(site, launcher)
        self.lives = Lives(launcher, profile, self._probe, recorder, nickname, restores_session)
        self.web_storage = Storage(self.lives, self._probe, site, clock, number)
        self.network_idle = NetworkIdle(self.lives, self.web_storage, number, launcher.answer_seconds)
        self.awake = Awake(self.lives, self.network_idle.polls, site, number, launcher.answer_seconds)
        self._wire = Wire(number, site, self.lives)
        self._icons = Icons(self.lives, site, clock, self._wire.exchanges, self.network_idle.pending.loaded_at)
        self._history = SessionHistory(launcher.engine, self._wire.exchanges, self.network_idle)
        self._navigation = Navigation(number, site, self._probe, self._history)
        self.store = Store(self.lives, self.network_idle, clock, self._wire.exchanges)
        self.sent_cookies = SentCookies(number, site, self._probe, self.network_idle)

    @property
    def life(self) -> int:
        return self.lives.number

    @property
    def engine(self) -> Engine:
        """The browser engine, with its quirks."""
        return self._launcher.engine

    def open(self) -> None:
        """Start the browser on this visitor's profile."""
        context = self.lives.open(self.number, self.site)
        self.site.note("browser opened", visitor=self.number)
        self.network_idle.watch(context, is_own=self._probe.owns)
        self.store.watch(context)
        self.lives.await_restored_page()
        self._history.watch(context)
        self.store.snapshot()
        self.lives.check_clock(self.clock)

    def close(self, how: EndingName | Ending = "quit") -> None:
        """End the browser, and wait until its process has ended and the profile is free.

        ``how`` is "quit", as a person does from the menu; "last-window", by closing one window after the other;
        "sigint", as Ctrl-C in a terminal, or "sigterm", as a system that shuts down; or an ``Ending`` of your own. A
        browser that cannot end so skips the test with the reason. ``crash`` is the ending without notice.
        """
        ending = ending_of(how)
        self._end(ending)
        self.site.note("browser closed", "" if how == "quit" else f"({ending.name})", visitor=self.number)

    def restart(self) -> None:
        """Close the browser and open it again on the same profile."""
        self.close()
        self.open()

    def crash(self) -> None:
        """Kill the browser at once (SIGKILL). What it had not yet written to disk is lost."""
        self._end(CRASH)
        self.site.note("browser crashed", visitor=self.number)

    def _end(self, ending: Ending) -> None:
        from playwright.sync_api import Error

        self.lives.check_may_end()
        self._ensure_open()
        with contextlib.suppress(Error):  # it has ended by itself
            self.store.snapshot()
            self.web_storage.take_last_snapshots()
        self.lives.close(ending)

    def end(self) -> None:
        """End the browser, whatever state it is in. The harness calls this after each test."""
        self.lives.end()

    @property
    def host(self) -> str:
        """The host name under which this visitor visits the site at present."""
        return self._navigation.host

    @property
    def url(self) -> str:
        """The site's URL as this visitor visits it at present: what ``goto`` puts before a path."""
        return self._navigation.origin

    @property
    def context(self) -> BrowserContext:
        """Playwright's BrowserContext. Opens the browser at first use; raises ``CookieproofError`` after ``close``."""
        self._ensure_open()
        assert self.lives.context
        return self.lives.context

    def _ensure_open(self) -> None:
        if self.lives.context is None:
            if self.life:
                raise CookieproofError(
                    "This visitor's browser is closed: open it with visitor.open(), or read visitor.on_disk."
                )
            self.open()

    @property
    def page(self) -> Page:
        """The visitor's first page, Playwright's own; a new one if all have been closed."""
        context = self.context
        return next(iter(self.lives.pages), None) or context.new_page()

    def leave(self) -> None:
        """Close all pages but one, and make that one blank."""
        self.lives.leave(self.page)

    def move_to(self, host: str, *, https: bool | None = None) -> None:
        """Visit paths of this host from now on; ``https`` None means as configured. No page is visited yet."""
        self._navigation.move_to(host, https=https)

    def goto(self, path_or_url: str, host: str | None = None) -> Response:
        """Visit a path of the site, or a URL, and wait for the page to load.

        ``host`` is a host name of the site (``site.at`` says which work); it stays until another is named, as does
        https once a URL of ``site.https`` was visited or the site has redirected there. Returns Playwright's Response
        (None for a move to ``#…``). Raises ``VisitFailed``, a ``CookieproofError``, if the browser cannot load the URL.
        """
        if host:
            self.move_to(host)
        else:
            self._navigation.stay_on_https(self.page)
        url = self._navigation.url_of(path_or_url)
        if any(page.url != "about:blank" for page in self.lives.pages):  # else no page has done anything
            self.network_idle.await_scripts_cookies()
            self.store.snapshot()
        response = self.visit(url)
        self.store.snapshot()
        return cast("Response", response)

    def visit(self, url: str) -> Response | None:
        """Visit a URL as ``goto`` does, but take no snapshots of the cookie store before and after."""
        return self._navigation.visit(self.page, url)

    def wait_for_network_idle(self) -> None:
        """Wait until the browser's network is idle and its pages have their icons, as the clock does before a move.

        What never ends (a stream, for example) is reported, not waited for. Raises ``CookieproofError`` after 20 s.
        """
        if self.lives.context:
            self.network_idle.wait(IDLE_SECONDS)
            self._icons.wait()
            self.store.snapshot()
            for endless in self.network_idle.pending.new_endless():
                self.site.note("not awaited", endless, self.number)

    def sent(self, path: str = "/", frame: Frame | None = None) -> dict[str, str]:
        """Return, by name, the cookies that the browser sends to this path of the current host, as the site sees them.

        With a frame of the visitor's page: to this path of the frame's host, as that frame would ask for it. Values
        are decoded as Flask's ``request.cookies`` decodes them; of two cookies of one name the first counts, as in
        Flask. No route of the app runs.
        """
        return dict(reversed(self.sent_pairs(path, frame)))

    def sent_pairs(self, path: str = "/", frame: Frame | None = None) -> list[tuple[str, str]]:
        """Return what ``sent`` returns as pairs in the order of sending, with duplicates."""
        self._navigation.stay_on_https(self.page)
        return self.sent_cookies.to(self.page, self._navigation.origin, path, frame)

    @property
    def stored(self) -> dict[str, StoredCookie]:
        """The cookies that the open browser holds for the current host, by name."""
        return {cookie.name: cookie for cookie in self.stored_list}

    @property
    def stored_list(self) -> list[StoredCookie]:
        """The cookies of ``stored`` as a list, with cookies of one name that differ in path, domain or partition."""
        self._ensure_open()
        return self.store.held_for(self.host)

    @property
    def on_disk(self) -> dict[str, StoredCookie]:
        """The cookies in the closed profile for the current host, by name, without values."""
        if self.lives.context:
            raise CookieproofError("The disk tells the truth about a closed browser only: call visitor.close() first.")
        return self.lives.read_disk(self.host)

    @property
    def wire(self) -> list[Exchange]:
        """This visitor's exchanges in all lives, oldest first; each ``Set-Cookie`` is parsed as this engine does."""
        return self._wire.exchanges()
