"""Takes the steps of scenarios in the browser that they share: visits of a page, or functions of the user's."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cookieproof.browser import pages
from cookieproof.browser.pages import DoesNotAnswer, VisitFailed
from cookieproof.cookies.storage import StorageItem
from cookieproof.errors import CookieproofError
from cookieproof.promises.lifetimes import Lifetime, in_words
from cookieproof.promises.scenario_run import ScenarioRun, failure_text
from cookieproof.promises.steps import StepOutcome
from cookieproof.visitor.visitor import IDLE_SECONDS, Visitor
from cookieproof.words import printable

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

MOST_FRAMES = 3
KNOWS_ITS_HOST = (
    "It knows only its own host: have it answer to *.localhost too (TRUSTED_HOSTS, no SERVER_NAME and no "
    'SESSION_COOKIE_DOMAIN), or declare host="{host}", by which each scenario gets a profile to itself'
)
# The error of context.request ("getaddrinfo ENOTFOUND", of Node's resolver) names no remedy.
ASK_BY_THE_PAGE = (
    "Only the browser knows names below localhost, and context.request asks without it: have the page ask "
    "(visitor.page.evaluate(\"fetch('/login', {method: 'POST'})\")), or send its form"
)


class BrowserEnded(Exception):
    """Raised if a step ended the browser that all lifetimes share; ``text`` is the failure of ``lifetime``."""

    def __init__(self, lifetime: Lifetime, text: str) -> None:
        super().__init__(lifetime, text)
        self.lifetime, self.text = lifetime, text


class SiteDied(Exception):
    """Raised if the site's process ended during a step of this run, whichever run caused it."""

    def __init__(self, run: ScenarioRun) -> None:
        super().__init__(run)
        self.run = run


class StepRunner:
    """Takes steps with one visitor, whose page visits one host after the other."""

    def __init__(
        self, visitor: Visitor, new_visitor: Callable[[], Visitor], failures: tuple[type[BaseException], ...]
    ) -> None:
        """Take steps with ``visitor``; ``failures`` are the exceptions by which a function reports that it failed."""
        self.visitor, self._new_visitor, self._failures = visitor, new_visitor, failures
        self._response: Response | None = None  # the response of the page that was visited last
        self._drawn: dict[Lifetime, float] = {}  # seconds from network idle until a page showed what is promised
        self._at: ScenarioRun | None = None  # the run that visited that page
        self._at_page = False  # whether the visitor's page may be a page of the site

    def visit(self, run: ScenarioRun, path: str, shows: bool | None) -> StepOutcome:
        """Visit a path by a page, wait for network idle, and see what the page shows, unless ``shows`` is None."""
        from playwright.sync_api import Error

        if "#" in path:
            self.visitor.leave()  # else a visit to another fragment of the same page loads nothing
        self._at_page, self._response, self._at = True, None, run
        outcome = StepOutcome()  # what is known so far stays, if a later call fails
        try:
            with Documents(self.visitor.page) as documents:
                response = self.visitor.visit(run.url(path))
                self.visitor.network_idle.wait(IDLE_SECONDS)
            # A script of the page may have led to another page meanwhile.
            response = self._response = documents.last or response
            outcome = StepOutcome(status=response.status if response else 0)
            problem, by_its_host = self._problem_of(run, path, response)
            outcome = replace(outcome, problem=problem, by_its_host=by_its_host)
            # An error page may still show what it must not show.
            if shows is not None and (not problem or (not shows and outcome.status >= 400)):
                assert run.lifetime.shows
                outcome = replace(outcome, shown=self._shown(run.lifetime, expected=shows))
                if shows:
                    pages.await_service_workers(self.visitor.page)
                if shows != outcome.shown:  # for the sentence that says who ended or kept it
                    with contextlib.suppress(Error):  # as for a download
                        outcome = replace(outcome, document=response.text() if response else "")
        except VisitFailed as error:
            pages.evaluate(self.visitor.page, "0")  # raises DoesNotAnswer if the page is blocked
            return replace(outcome, problem=f"GET {printable(path)} did not load ({error.reason})")
        except DoesNotAnswer:
            raise  # the page is blocked for every run
        except (CookieproofError, Error) as error:
            if self.visitor.site.await_death():
                raise SiteDied(run) from None
            return replace(outcome, problem=str(error).strip().removesuffix("."))
        return outcome

    def _shown(self, lifetime: Lifetime, *, expected: bool) -> bool:
        """Return whether the page shows what the lifetime promises.

        A script may draw it late: if it is ``expected``, it is waited for; if not, it is waited for twice as long as
        it took before.
        """
        assert lifetime.shows
        seconds = pages.ANSWER_SECONDS if expected else 2 * self._drawn.get(lifetime, 0)
        began = time.monotonic()
        if seconds and self.visitor.network_idle.is_static():
            seconds = 0
        found = pages.shows(self.visitor.page, lifetime.shows, seconds=seconds)
        if found and seconds:
            self._drawn[lifetime] = max(self._drawn.get(lifetime, 0), time.monotonic() - began)
        return found

    def _problem_of(self, run: ScenarioRun, path: str, response: Response | None) -> tuple[str, bool]:
        """Return why a visit proves nothing (an empty text if it does), and whether the visit's host is the reason."""
        site, url = self.visitor.site, urlsplit(self.visitor.page.url)
        asked, host = f"GET {printable(path)}", url.hostname or ""
        origin = site.origin_of(self.visitor.page.url)
        if not run.lifetime.host and origin and not f".{host}".endswith((f".{run.host}", f".{run.site}")):
            return f"{asked} led to {host}. {KNOWS_ITS_HOST.format(host=host)}", True
        if not response or response.status < 400:
            return "", False
        answered = f"answered {response.status}"
        where = urlsplit(response.url).path
        if where != urlsplit(run.url(path)).path:
            answered = f"led to {printable(where)}, which {answered}"
        if not run.is_set and not run.lifetime.host:
            # A site that refuses all hosts but its own refuses the run's host, too.
            with contextlib.suppress(CookieproofError):
                at_its_own_host = pages.visit(self.visitor.page, site.at(site.host, https=run.https) + path)
                if at_its_own_host and at_its_own_host.status < 400:
                    hint = KNOWS_ITS_HOST.format(host=site.host)
                    return f"{asked} {answered}, but {at_its_own_host.status} at {site.host}. {hint}", True
        return f"{asked} {answered}", False

    def call(self, run: ScenarioRun, step: Callable[[Visitor], object]) -> StepOutcome:
        """Call a function of the user's with the visitor, whose browser has one blank page before and after."""
        from playwright.sync_api import Error

        name, problem = in_words(step), ""
        self.leave()
        self.visitor.move_to(run.host)
        try:
            with self._lend_browser(f"{name} shares this browser and its clock with all lifetimes of its list:"):
                step(self.visitor)
                with contextlib.suppress(Error):  # the browser may have ended, which leave() below notices
                    self.visitor.network_idle.wait(IDLE_SECONDS)
        except self._failures as error:
            if self.visitor.site.await_death():
                raise SiteDied(run) from None
            called = traceback.extract_tb(error.__traceback__)[1:]
            frames = [each for each in called if "playwright" not in each.filename]
            where = "".join(f"\n      {frame.filename}:{frame.lineno}: {frame.line}" for frame in frames[:MOST_FRAMES])
            # context.request is Playwright's APIRequestContext.
            by_request = any(each.filename.endswith("playwright/_impl/_fetch.py") for each in called)
            remedy = f". {ASK_BY_THE_PAGE}" if by_request else ""
            problem = f"{name} failed: {type(error).__name__}: {str(error).strip()}{remedy}{where}"
        try:
            self._at_page = True
            self.leave()
        except Error as error:
            run.fail(run.failure or f"{name} ended the browser: {error.message}")
            raise BrowserEnded(run.lifetime, failure_text([run])) from None
        return StepOutcome(problem=problem)

    @contextlib.contextmanager
    def _lend_browser(self, why: str) -> Iterator[None]:
        with (
            self.visitor.lives.kept_open(f"{why} it may visit, but not end the browser."),
            self.visitor.clock.locked(f"{why} it may visit, but not move the clock."),
        ):
            yield

    def leave(self) -> None:
        """Leave the page that was visited, unless it sends no more requests and so can renew no session.

        To leave a page costs half as much as to visit one.
        """
        if self._at_page and not pages.is_inert(self._response):
            self.visitor.leave()
        self._at_page, self._response, self._at = False, None, None

    def abandon_page(self) -> ScenarioRun | None:
        """Close the blocked page that was visited last, and return the run that visited it; None if none did."""
        whose, self._at = self._at, None
        if whose:
            self._at_page, self._response = False, None
            self.visitor.lives.begin_anew()
        return whose

    def stored(self) -> tuple[StorageItem, ...]:
        """Return what the page that was visited last keeps in its storages."""
        from playwright.sync_api import Error

        try:
            return tuple(self.visitor.web_storage.take_snapshot(self.visitor.page, pages.ANSWER_SECONDS).items())
        except Error:  # it is navigating
            return ()

    def values_for_new_visitor(self, run: ScenarioRun, path: str) -> set[str]:
        """Return the values that the run's cookie has in a new visitor's browser after visiting the path."""
        visitor, url = self._new_visitor(), run.url(path)
        with contextlib.suppress(CookieproofError):
            visitor.visit(url)
            visitor.network_idle.wait(IDLE_SECONDS)
        held = visitor.store.held_at(url)
        visitor.crash()
        return {cookie.value for cookie in held if cookie.name == run.lifetime.name and cookie.value}


class Documents:
    """For a block, keeps the response of the last document that a page loads, in ``last``."""

    def __init__(self, page: Page) -> None:
        self.last: Response | None = None
        self._page = page

    def __enter__(self) -> Documents:
        self._page.on("response", self._hear)
        return self

    def _hear(self, response: Response) -> None:
        request = response.request
        if (
            request.is_navigation_request()
            and request.frame == self._page.main_frame
            and not 300 <= response.status < 400
        ):
            self.last = response

    def __exit__(self, *error: object) -> None:
        self._page.remove_listener("response", self._hear)
