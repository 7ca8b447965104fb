"""A person: one browser profile on disk, a browser that is open or closed, and its pages."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast, get_args
from urllib.parse import urlsplit

from cookieproof.browser import pages
from cookieproof.browser.artifacts import Recorder
from cookieproof.browser.engine import Engine
from cookieproof.browser.launcher import Launcher, wait_for_the_end
from cookieproof.clock.clock import Clock
from cookieproof.cookies import dates
from cookieproof.cookies.exchange import Exchange, cookie_pairs
from cookieproof.cookies.happened import Look
from cookieproof.cookies.stored_cookie import StoredCookie, told_name
from cookieproof.errors import CookieproofError, Unsupported, WaitedInVain, wait_until
from cookieproof.site.job import READY
from cookieproof.site.own_pages import OWN_PATHS
from cookieproof.site.site import Site
from cookieproof.visitor.frames import is_in_reach, origins_of
from cookieproof.visitor.on_its_way import OnItsWay, page_of, spelled
from cookieproof.visitor.probe import FETCH_SECONDS, Probe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from playwright.sync_api import BrowserContext, Cookie, Frame, Page, Request, Response

__tracebackhide__ = True  # a failure points at the line of the test

Ending = Literal["quit", "last-window", "sigint", "sigterm"]
SETTLE_SECONDS = 20.0
RESTORE_SECONDS = 30.0
LOAD_STEP_SECONDS = 0.5
# A page that may not fetch from its own site has nothing of that kind on its way either. And its service worker may be
# one that never answers.
LAST_OF_ALL = """path => {
  let patience = 15000;
  try { if (navigator.serviceWorker?.controller) patience = 1000; } catch { /* a sandboxed page may not even ask */ }
  const signal = AbortSignal.timeout(patience);
  return fetch(path, {cache: "no-store", credentials: "omit", signal}).then(() => null, () => null);
}"""
# A page without scripts, frames and the like changes nothing once it has loaded.
STILL = """() => {
  const moves = "iframe, frame, object, embed, meta[http-equiv=refresh i], [href^='javascript:' i]";
  const handlers = document.evaluate("//@*[starts-with(name(), 'on')]", document, null, XPathResult.BOOLEAN_TYPE, null);
  const acts = document.scripts.length || document.querySelector(moves) || handlers.booleanValue;
  let worker = null;
  try { worker = navigator.serviceWorker?.controller; } catch { /* a sandboxed page may not even ask */ }
  return document.readyState === "complete" && !acts && !worker;
}"""


class Visitor:
    """One person, whose browser opens at first use and then is open or closed as the test says.

    The time from an opening to the browser's end is a life; ``life`` counts them from 1.
    """

    def __init__(
        self,
        number: int,
        site: Site,
        clock: Clock,
        launcher: Launcher,
        profile: Path,
        recorder: Recorder | None = None,
        nickname: str = "visitor",
        restores_session: bool | str = False,
    ) -> None:
        """``number`` tells the visitor's requests from others' on the wire, ``nickname`` names what is recorded."""
        self._restoring = launcher.engine.restoring_by(restores_session)
        self._left = ""  # the page to come back to
        self._restored: Page | None = None
        self.number, self.site, self.clock, self.life = number, site, clock, 0
        self._recorder, self._nickname, self._began = recorder, nickname, "first"
        self._origin = site.at(site.host)
        self.on_its_way = OnItsWay()
        # What the browser held before and after each step, oldest first; of looks that are alike the first and last.
        self.looks: list[Look] = []
        # Of a site that runs elsewhere: what is on the wire as the browser tells it, and when it came.
        self._responses: list[tuple[datetime, Response]] = []
        self._launcher, self._profile = launcher, profile
        self._context: BrowserContext | None = None
        self._probe = Probe(site, launcher)
        self._own_pages = self._probe.pages
        self._kept_open = ""  # why this browser must stay open, for whoever would close it

    # --- lives

    def open(self) -> None:
        """Start the browser on this visitor's profile."""
        if self._context:
            raise CookieproofError("This visitor's browser is open already.")
        if self.life:
            self.need_a_whole_browser()
        if not self._profile.exists():
            self._launcher.prepare(self._profile)
            if self._restoring:
                self._restoring.prepare(self._profile)
        self.life += 1
        agent = f"cookieproof/{self.number}.{self.life}"
        options = self._recorder.launch_options() if self._recorder else {}
        options |= {"base_url": self.site.url, **(self._restoring.launch_options if self._restoring else {})}
        context = self._context = self._launcher.open(self._profile, agent, options)
        if self._recorder:
            self._recorder.begin(context)
        self.site.note("browser opened", visitor=self.number)
        self.on_its_way.clear()
        context.on("request", self._on_request)
        context.on("requestfinished", self.on_its_way.end)
        context.on("requestfailed", self.on_its_way.end)
        self._look_when_the_test_meddles(context)
        if not self.site.served:
            context.on("response", lambda response: self._responses.append((self.clock.now("browser"), response)))
        if self._left:
            self._come_back(context)
        self.look()
        self.check_clock()

    def check_clock(self) -> None:
        """After the first move of the clock, once for each worker: see that this browser follows it, if it is open."""
        if self._context:
            self.clock.check("browser", self._launcher.name, self._time_shown)

    def _time_shown(self) -> datetime:
        # In a tab of its own, since a page may be busy, or have a Date of its own.
        tab = self.engine.background_tab(self.page, "about:blank")
        try:
            return dates.later(dates.EPOCH, pages.evaluate(tab, "Date.now()") / 1000)
        finally:
            tab.close()

    def _come_back(self, context: BrowserContext) -> None:
        """Wait for the page that the browser restores, and put it before the blank one that it was started with."""

        def restored() -> Page | None:
            context.cookies()  # a round trip, by which Playwright hands over what has happened
            return next((page for page in context.pages if page.url == self._left), None)

        page = wait_until(restored, f"the browser to restore {self._left}", RESTORE_SECONDS)
        assert page
        page.wait_for_load_state()
        page.bring_to_front()
        self._restored = page

    @property
    def life_name(self) -> str:
        """Which life this is, for a person: ``visitor-1-life-2-after-close``."""
        return f"{self._nickname}-life-{self.life}-{self._began}"

    def _take_down(self) -> None:
        """Write down what crossed, where the site does not tell: it runs elsewhere."""
        from playwright.sync_api import Error

        responses, self._responses = self._responses, []
        for moment, response in responses:
            with contextlib.suppress(Error):  # the browser has ended by itself
                self.site.write_down(self.number, self.life, moment, response)

    def need_a_whole_browser(self) -> None:
        """Skip the test, with the reason, where closing and opening the browser proves nothing."""
        if self.engine.no_restart:
            raise Unsupported(f"a restart of {self.engine.title} proves nothing: {self.engine.no_restart}")

    def _on_request(self, request: Request) -> None:
        # What the harness's own pages fetch is waited for as it is asked.
        is_own = request.resource_type == "fetch" and page_of(request) in self._own_pages.values()
        if OWN_PATHS not in request.url and not is_own:
            self.on_its_way.begin(request)

    def _pages(self, context: BrowserContext) -> list[Page]:
        """The visitor's own pages, the one that they came back to first. What the harness opened is not among them."""
        pages = [page for page in context.pages if page not in self._own_pages.values()]
        return sorted(pages, key=lambda page: page != self._restored)

    def _record(self, context: BrowserContext) -> None:
        if self._recorder:
            self._recorder.end(context, self._pages(context), self.life_name)

    def keep_evidence(self) -> None:
        """Take a picture of what this visitor sees, if the browser is open, whatever the options say."""
        if self._context and self._recorder:
            self._recorder.keep_evidence(self._pages(self._context), self.life_name)

    def close(self, how: Ending = "quit") -> None:
        """End the browser, and wait until its process has ended and the profile is free.

        ``how``: "quit" as a person does from the menu; "last-window", by closing one window after
        the other; "sigint" or "sigterm", as a system does that shuts down. Where a browser goes on
        without a window, the test is skipped with the reason. ``crash`` is the ending without notice.
        """
        if how not in get_args(Ending):
            endings = ", ".join(f'"{each}"' for each in get_args(Ending))
            raise CookieproofError(f'A browser is not closed by how="{how}": choose one of {endings}.')
        context = self._context_to_end()
        self._look_last()
        if how == "last-window":
            self.need_windows()
        self._record(context)
        self._began = "after-close" if how == "quit" else f"after-{how}"
        self._probe.close()
        # A browser that is told to go at once restores nothing.
        returns = self._restoring and self._restoring.shows_pages and how != "sigterm"
        self._left = self.page.url if returns else ""
        pid = self._pid()
        self._context = None
        if how == "quit":
            context.close()
        else:
            self._end_from_outside(how, pid, context)
        wait_for_the_end(pid)
        self.site.note("browser closed", "" if how == "quit" else f"({how})", visitor=self.number)

    def _end_from_outside(self, how: Ending, pid: int | None, context: BrowserContext) -> None:
        from playwright.sync_api import Error

        with contextlib.suppress(Error):  # Playwright's side of it may find nobody there any more
            if how == "last-window":
                for page in context.pages:
                    page.close()
            elif pid:
                os.kill(pid, signal.SIGINT if how == "sigint" else signal.SIGTERM)
            wait_for_the_end(pid)
            context.close()

    def need_windows(self) -> None:
        """Skip the test, with the reason, where closing the last window does not end the browser."""
        if not (self._launcher.headed and self.engine.ends_with_its_last_window):
            which = self.engine.title if self.engine.ends_with_its_last_window else "Chromium"
            raise Unsupported(f"only a headed {which} ends with its last window: run it with --headed")

    def restart(self) -> None:
        """Close the browser and open it again on the same profile."""
        self.close()
        self.open()

    @property
    def crash_would_show(self) -> bool:
        """Whether the next start would notice a crash at this moment: a browser writes down that it runs, some time."""
        self.need_a_whole_browser()
        return self.engine.crash_would_show(self._profile)

    def crash(self) -> None:
        """Kill the browser at once (SIGKILL). What it had not yet written to disk is lost."""
        context = self._context_to_end()
        self._look_last()
        self._left = ""  # nothing comes back by itself after a crash
        self._record(context)
        self._began = "after-crash"
        pid = self._pid()
        self._context = None
        self._own_pages.clear()
        self._kill(pid, context)
        self.site.note("browser crashed", visitor=self.number)

    def end(self) -> None:
        """Leave no browser behind, whatever state it is in. The harness calls this after each test."""
        context, self._context = self._context, None
        pid = self._pid()
        if context is None:  # its start was interrupted, say
            self._kill(pid, None)
            return
        try:
            self._take_down()
            self._record(context)
            context.close()
            wait_for_the_end(pid)
        except BaseException:
            self._kill(pid, context)
            raise

    @contextlib.contextmanager
    def kept_open(self, reason: str) -> Iterator[None]:
        """For this block, whoever ends the browser gets this sentence as an error."""
        self._kept_open = reason
        try:
            yield
        finally:
            self._kept_open = ""

    def _look_last(self) -> None:
        from playwright.sync_api import Error

        with contextlib.suppress(Error):  # it has ended by itself
            self.look()

    def _context_to_end(self) -> BrowserContext:
        if self._kept_open:
            raise CookieproofError(self._kept_open)
        self._take_down()
        return self.context

    @property
    def engine(self) -> Engine:
        """Which browser engine this is, and what is known to differ in it."""
        return self._launcher.engine

    def _pid(self) -> int | None:
        return self.engine.pid(self._profile)

    def _kill(self, pid: int | None, context: BrowserContext | None) -> None:
        from playwright.sync_api import Error

        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)  # Playwright gives each browser a process group of its own
        if context:
            with contextlib.suppress(Error):  # Playwright's side of it, which fails as it should
                context.close()
        wait_for_the_end(pid)
        for name in self.engine.left_by_a_crash:
            (self._profile / name).unlink(missing_ok=True)

    # --- pages

    @property
    def host(self) -> str:
        """The host name under which this visitor visits the site at present."""
        return urlsplit(self._origin).hostname or ""

    @property
    def url(self) -> str:
        """The site's URL as this visitor visits it at present: what ``goto`` puts before a path."""
        return self._origin

    @property
    def context(self) -> BrowserContext:
        """Playwright's own context. Opens the browser at first use; an error once it was closed."""
        if self._context is None:
            if self.life:
                raise CookieproofError(
                    "This visitor's browser is closed: open it with visitor.open(), or read visitor.on_disk."
                )
            self.open()
        assert self._context
        return self._context

    @property
    def page(self) -> Page:
        """The visitor's first page, Playwright's own; a new one if all have been closed."""
        context = self.context
        return next(iter(self._pages(context)), None) or context.new_page()

    def leave(self) -> None:
        """Close all pages but one, and have that one blank."""
        from playwright.sync_api import Error

        page, *others = self._pages(self.context) or [self.context.new_page()]
        try:
            page.goto("about:blank")
        except Error:  # it has crashed, say
            self.context.new_page()
            others.append(page)
        for other in others:
            other.close()

    def move_to(self, host: str) -> None:
        """Visit paths of this host from now on, as ``goto(…, host=…)`` does, without visiting one yet."""
        self._origin = self.site.at(host)

    def goto(self, path_or_url: str, host: str | None = None) -> Response:
        """Visit a path of the site, or a URL, and wait for the page to load.

        ``host`` is a host name of the site (``site.at`` says which work); it stays until
        another is named, as does https once a URL of ``site.https`` was visited or the site has
        led there. Returns Playwright's Response (None for a move to ``#…``).
        """
        if host:
            self.move_to(host)
        else:
            self._stay_on_https()
        try:
            scheme = urlsplit(path_or_url).scheme
        except ValueError as error:
            raise CookieproofError(f'"{path_or_url}" is no URL ({error}): give a path of the site, or a URL.') from None
        if not scheme:
            path_or_url = self._origin + _absolute(path_or_url)
        if any(page.url != "about:blank" for page in self._pages(self.context)):  # else none has done anything
            self.await_scripts_cookies()
            self.look()
        response = self.visit(path_or_url)
        self.look()
        return cast("Response", response)

    def visit(self, url: str) -> Response | None:
        """Like ``goto`` with a URL, for whoever looks themselves at what the browser holds before and after."""
        self._origin = self.site.origin_of(url) or self._origin
        with _OnTheSite(self.site):
            response = pages.visit(self.page, url)
            self._stay_on_https()
            if self._launcher.headed and self.site.served:
                self._probe.own_page(self.page, self._origin)
        return response

    def _stay_on_https(self) -> None:
        """Go on over https if the site has led the visitor's page there, under the host that they visit."""
        secure = self.site.at(self.host, https=True)
        if self.page.url.startswith(f"{secure}/"):
            self._origin = secure

    def settle(self) -> None:
        """Wait until nothing is on its way between this browser and any site. The clock does so before it moves.

        What never ends (a stream, a long poll, what has been open for 5 s) is not waited for, and the report
        names it. Raises ``CookieproofError`` with what is still on its way after 20 s.
        """
        if not self._context:
            return
        self.come_to_rest(SETTLE_SECONDS)
        self.look()
        for endless in self.on_its_way.news():
            self.site.note("not awaited", endless, self.number)

    def come_to_rest(self, seconds: float) -> None:
        """Like ``settle``, but for its notes."""
        from playwright.sync_api import Error

        self.on_its_way.begin_to_wait()
        for page in self._pages(self.context):  # what the harness's own ask for is waited for as it is asked
            if self._await_load(page, seconds) and self.engine.tells_late_of_requests:
                # A request of ours comes after all that the page has asked for so far.
                with contextlib.suppress(Error):  # it goes elsewhere at this moment: that is on its way, then
                    pages.evaluate(page, LAST_OF_ALL, READY, seconds=FETCH_SECONDS)
        try:
            wait_until(self._is_quiet, "", seconds)
        except WaitedInVain:
            left = ", ".join(map(spelled, self.on_its_way.awaited()))
            raise WaitedInVain(
                f"Waited {seconds:g} s in vain for the exchanges of visitor {self.number} to end: {left}."
            ) from None

    def _await_load(self, page: Page, seconds: float) -> bool:
        """Whether the page has loaded, and does not wait for what never ends (which holds up what it asks for)."""
        from playwright.sync_api import TimeoutError

        deadline = time.monotonic() + seconds
        while True:
            try:
                page.wait_for_load_state(timeout=LOAD_STEP_SECONDS * 1000)
                return True
            except TimeoutError:
                self.on_its_way.awaited()
                if self.on_its_way.endless(page):
                    return False
                if time.monotonic() > deadline:
                    raise CookieproofError(f"The page {page.url} goes on loading: end that, or close it.") from None

    def _is_quiet(self) -> bool:
        self.context.cookies(self._origin)  # a round trip, by which Playwright hands over what has happened
        if self.on_its_way.awaited():
            return False
        self.await_scripts_cookies()  # a turn of each page: what has arrived may make it ask for more
        return not self.on_its_way.awaited()

    def is_still(self) -> bool:
        """Whether nothing more can become of the cookies by itself: no page has a script or goes anywhere."""
        from playwright.sync_api import Error

        try:
            return all(pages.evaluate(page, STILL) for page in self._pages(self.context))
        except Error:  # it goes elsewhere at this moment
            return False

    def look(self, after: str = "") -> Look:
        """See what the browser holds at this moment, for whoever asks later what became of it.

        ``after`` says what the test has just done to the store, if it has.
        """
        exchanges = len(self.wire)  # first: what is answered while the browser is asked has not arrived
        known = {cookie: cookie for cookie in self.looks[-1].cookies} if self.looks else {}
        held = tuple(known.get(cookie, cookie) for cookie in self._alive(self.context.cookies()))
        at_rest, now = not self.on_its_way.awaited(), self.clock.now("browser")
        look = Look(held, exchanges, self.life, now, time.monotonic(), at_rest, after)
        if len(self.looks) > 1 and all(look.is_like(each) and each.at_rest for each in self.looks[-2:]):
            self.looks.pop()
        self.looks.append(look)
        return look

    def _look_when_the_test_meddles(self, context: BrowserContext) -> None:
        """Of what a test does to the store through Playwright, the browser tells nobody."""

        def watched(name: str, method: Callable[..., None]) -> Callable[..., None]:
            @functools.wraps(method)
            def call(*args: Any, **kwargs: Any) -> None:
                self.look()
                method(*args, **kwargs)
                self.look(after=f"context.{name}() of the test")

            return call

        for name in ("add_cookies", "clear_cookies"):
            setattr(context, name, watched(name, getattr(context, name)))

    def await_scripts_cookies(self) -> None:
        """Wait until what scripts have set so far is in the browser's store.

        Chromium's document.cookie does not wait for it when it sets, only when it reads, and the
        next request may come first (github.com/microsoft/playwright/pull/2333).
        """
        from playwright.sync_api import Error

        if os.environ.get("PWDEBUG"):
            return  # the Inspector would stop here, and a person is slow enough
        for page in self._pages(self.context):
            if page.url == "about:blank":
                continue
            with contextlib.suppress(Error):  # a sandboxed page has no cookies
                pages.evaluate(page, "document.cookie", seconds=self._launcher.answer_seconds)

    # --- cookies

    def sent(self, path: str = "/", frame: Frame | None = None) -> dict[str, str]:
        """The cookies that the browser really sends to this path of the current host, as the site receives them.

        With a frame of the visitor's page: to this path of the frame's host, as that frame would ask
        for it. Values are decoded as Flask's ``request.cookies`` decodes them; of two cookies of one
        name the first counts, as in Flask. No route of the app runs.
        """
        return dict(reversed(self.sent_pairs(path, frame)))

    def sent_pairs(self, path: str = "/", frame: Frame | None = None) -> list[tuple[str, str]]:
        """Like ``sent``, with duplicates and in the order in which they were sent."""
        self._stay_on_https()
        if frame:
            *around, origin = origins_of(frame)
            return self.ask([origin + _absolute(path)], origin, around)[0]
        if self.site.served:
            return self.ask([self._origin + _absolute(path)], self._origin)[0]
        # Whoever asks a site that others run would visit it: the browser's own word, then.
        self.await_scripts_cookies()
        return [(cookie.name, cookie.value or "") for cookie in self.held_at(self._origin + _absolute(path))]

    def ask(self, urls: Sequence[str], origin: str, around: Sequence[str] = ()) -> list[list[tuple[str, str]]]:
        """What the browser sends to each of these URLs, which are of one site with ``origin``, one of ``site.at``.

        ``around`` are the origins around the one that asks, where it is that of a frame, the outermost first.
        """
        self.await_scripts_cookies()
        with _OnTheSite(self.site):
            headers = self._probe.ask(self.page, urls, origin, around)
        found = [cookie_pairs(header) for header in headers]
        for url, pairs in zip(urls, found, strict=True):
            names, asked = tuple(sorted({name for name, _ in pairs})), urlsplit(url)
            self.site.note("asked", asked.path, self.number, host=asked.hostname or "", cookies=names)
        return found

    @property
    def stored(self) -> dict[str, StoredCookie]:
        """What the open browser says it holds for the current host, by name."""
        return {cookie.name: cookie for cookie in self.stored_list}

    @property
    def stored_list(self) -> list[StoredCookie]:
        """Like ``stored``, with cookies of one name that differ in path, domain or partition."""
        return self.stored_for(None)

    def stored_for(self, frame: Frame | None, *, also_out_of_reach: bool = False) -> list[StoredCookie]:
        """Like ``stored_list`` for the host of a frame: what lies where the browser looks when that frame asks.

        That is its partition, or for a frame of the page's own site what is in none, too. Firefox does
        not tell them apart (``StoredCookie.partition``): there it is all of that host's.
        """
        self.await_scripts_cookies()
        held = self.look().cookies
        if frame is None:
            return [cookie for cookie in held if cookie.is_for(self.host)]
        origins = origins_of(frame)
        of_host = [cookie for cookie in held if cookie.is_for(urlsplit(origins[-1]).hostname or "")]
        if also_out_of_reach or not self.engine.tells_partitions:
            return of_host
        return [cookie for cookie in of_host if is_in_reach(cookie, origins)]

    def held_at(self, url: str) -> list[StoredCookie]:
        """What the open browser says it would send to this URL, the longest path first.

        What scripts have set may be on its way there: ``await_scripts_cookies`` or ``come_to_rest`` waits for it.
        """
        held = self._alive(self.context.cookies(url))
        return sorted(held, key=lambda cookie: -len(cookie.path))

    def _alive(self, cookies: list[Cookie]) -> list[StoredCookie]:
        held = [
            StoredCookie(
                name=told_name(cookie["name"]),
                value=cookie["value"],
                domain=cookie["domain"],
                path=cookie["path"],
                expires=dates.later(dates.EPOCH, cookie["expires"]) if cookie["expires"] > 0 else None,
                http_only=cookie["httpOnly"],
                secure=cookie["secure"],
                same_site=cookie["sameSite"],
                partition=cookie.get("partitionKey"),
            )
            for cookie in cookies
        ]
        # Firefox goes on to list what has expired until it next tidies up.
        now = self.clock.now("browser")
        return [cookie for cookie in held if cookie.expires is None or cookie.expires > now]

    @property
    def on_disk(self) -> dict[str, StoredCookie]:
        """What the closed profile holds for the current host, by name, without values."""
        if self._context:
            raise CookieproofError("The disk tells the truth about a closed browser only: call visitor.close() first.")
        return self.read_disk()

    def read_disk(self) -> dict[str, StoredCookie]:
        """Like ``on_disk`` for a browser that may be open, which writes when it pleases."""
        self.need_a_whole_browser()
        if not self.engine.on_disk:
            raise Unsupported(f"nobody has found out yet how {self.engine.title} writes its cookies to disk")
        cookies = self.engine.on_disk(self._profile)
        return {cookie.name: cookie for cookie in cookies if cookie.is_for(self.host)}

    @property
    def wire(self) -> list[Exchange]:
        """This visitor's exchanges with the site, in all lives, oldest first; cookies as this engine reads them."""
        self._take_down()
        ours = (exchange for exchange in self.site.wire if exchange.visitor == self.number)
        return [exchange.read_by(self.engine.browser) for exchange in ours]


class _OnTheSite:
    """For what waits for the site: where the site's process has ended, before or meanwhile, that is what is said."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def __enter__(self) -> None:
        if death := self._site.tell_death():
            raise CookieproofError(death)

    def __exit__(self, kind: object, error: BaseException | None, frames: object) -> None:
        from playwright.sync_api import Error

        if isinstance(error, CookieproofError | Error) and (death := self._site.tell_death(awaited=True)):
            raise CookieproofError(death) from None
        if isinstance(error, Error):
            said = error.message.strip().partition("\n")[0]
            raise CookieproofError(f"The browser could not be asked on {self._site.url}: {said}") from None


def _absolute(path: str) -> str:
    if not path.startswith("/"):
        raise CookieproofError(f'A path of the site starts with "/": "/{path}" instead of "{path}".')
    return path
