"""Visits a site with one visitor, and keeps what was set and shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from playwright.sync_api import Error

from cookieproof.browser import pages
from cookieproof.browser.pages import VisitFailed
from cookieproof.commands.discover.functions import UserFunction
from cookieproof.cookies.cookie_event import CookieScope
from cookieproof.cookies.deletions import deletes
from cookieproof.cookies.exchange import Exchange
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.errors import CookieproofError
from cookieproof.promises.step_runner import Documents
from cookieproof.site.site import Site
from cookieproof.visitor.visitor import IDLE_SECONDS, Visitor

FOR_WHO_IS_KNOWN = (401, 403)
TEXT = "document.body ? document.body.innerText : ''"


@dataclass(frozen=True)
class NewCookie:
    """A cookie that was set: its name, its Path (``scope``), and how long it lasts (None: with the browser)."""

    name: str
    scope: str
    lasts: timedelta | None


Watch = Callable[[Sequence[Exchange], Sequence[StoredCookie]], None]


class Visits:
    """Visits pages with one visitor.

    ``host`` is the site's only host; empty if it answers to hosts below localhost, of which each ``begin`` uses
    another. ``pages`` are the paths that answered with a page, ``troubles`` maps the other paths to the reason.
    """

    def __init__(self, site: Site, visitor: Visitor, paths: Sequence[str], watch: Watch, *, signs_in: bool) -> None:
        """Visit ``paths`` of the site; ``watch`` is called after each step with its exchanges and the held cookies."""
        self.site, self.visitor, self.host = site, visitor, site.only_host
        self.pages: list[str] = []
        self.troubles: dict[str, str] = {}
        self._first, self._watch, self._signs_in = paths[0], watch, signs_in
        # How many exchanges there were at the last ``begin``, and at the last call of ``watch``.
        self._began = self._told = 0

    def find_host(self) -> None:
        """Visit the first path below localhost; if it is refused, visit the site at its own host from then on.

        Raises ``CookieproofError`` if the site does not answer.
        """
        if not self.host and self._is_refused(_host_of("first")):
            self.host = "" if self._is_refused(self.site.host) else self.site.host
        elif self.host:
            self.begin("first")
            self._reach()

    def _is_refused(self, host: str) -> bool:
        """Visit the first path at this host; return whether it fails there, or leads to the site's own host."""
        self.visitor.move_to(host)
        try:
            status = self._reach()
        except CookieproofError:
            if host == self.site.host:
                raise
            return True
        led = urlsplit(self.visitor.page.url).hostname
        return bool(status >= 400 or (led != host and led == self.site.host))

    def _reach(self) -> int:
        """Visit the first path, and return the status of the answer; 400 if the browser shows none."""
        try:
            response = self.visitor.goto(self._first)
        except VisitFailed:
            return 400
        except CookieproofError as error:
            if self.visitor.wire and self.visitor.wire[-1].status == 502:
                raise CookieproofError(
                    f"{self.site.url} does not answer. {error} See that it runs, and that its URL is right."
                ) from None
            raise
        return response.status if response else 200

    def begin(self, label: str) -> None:
        """Continue as a visitor without cookies: at a host that is named after the label, or after clearing them."""
        self.visitor.leave()
        if self.host:
            self.visitor.context.clear_cookies()
        self.visitor.move_to(self.host or _host_of(label))
        self._began = self._told = len(self.visitor.wire)

    def visit(self, path: str) -> bool:
        """Visit a path, wait for network idle, and return whether it answered without an error.

        If not, ``troubles`` has the reason.
        """
        trouble, answers = "", True
        try:
            with Documents(self.visitor.page) as documents:
                response = self.visitor.goto(path)
                self.visitor.network_idle.wait(IDLE_SECONDS)
            response = documents.last or response
            if response and response.status >= 400:
                answers, trouble = False, self._refusal(path, urlsplit(response.url).path, response.status)
        except VisitFailed as error:
            location = self.visitor.wire[-1].location if self.visitor.wire else None
            led = f" (it redirects to {location})" if location else ""
            answers, trouble = False, f"{path} cannot be visited: {error.reason}{led}."
        if answers:
            self.troubles.pop(path, None)
            self.pages += [path] if path not in self.pages else []
        elif path not in self.pages:
            self.troubles.setdefault(path, trouble)
        self._tell()
        return answers

    def _refusal(self, path: str, where: str, status: int) -> str:
        led = f"led to {where}, which answered" if where != urlsplit(path).path else "answered"
        if status in FOR_WHO_IS_KNOWN and not self._signs_in:
            return f"{path} {led} {status}: if only who is signed in may see it, name a function for --sign-in."
        return f"{path} {led} {status}: name another page with --visit, or mend it."

    def call(self, function: UserFunction) -> str:
        """Call a function of the user's. Return why it proves nothing, as a clause; an empty text if it does.

        Raises ``CookieproofError`` if it fails.
        """
        self.visitor.leave()
        before = len(self.visitor.wire)
        function.call(self.visitor)
        self.visitor.network_idle.wait(IDLE_SECONDS)
        self._tell()
        came = [each for each in self.visitor.wire[before:] if each.host == self.visitor.host]
        if not came:
            return f"did not visit {self.visitor.host}: have it begin with visitor.goto(…), which knows the host"
        documents = [each for each in came if each.fetch_mode in (None, "navigate") and not 300 <= each.status < 400]
        if documents and documents[-1].status >= 400:
            return f"ended at {documents[-1].path}, which answered {documents[-1].status}"
        return ""

    def _tell(self) -> None:
        wire = self.visitor.wire
        new, self._told = wire[self._told :], len(wire)
        self._watch(new, self.visitor.stored_list)

    # --- what was set

    @property
    def held(self) -> dict[tuple[str, CookieScope], StoredCookie]:
        """The cookies that the browser holds for this host, by name and scope."""
        self.visitor.network_idle.await_scripts_cookies()
        return {(each.name, CookieScope.held(each)): each for each in self.visitor.stored_list}

    @property
    def now(self) -> int:
        """How many exchanges there have been, as an argument for ``new_cookies``."""
        return len(self.visitor.wire)

    def new_cookies(self, since: int | None = None) -> Iterator[NewCookie]:
        """Yield the cookies that were set since the last ``begin``, or since exchange number ``since``, each name once.

        A cookie that no exchange set was set by a script, between the first of these exchanges and now.
        """
        last, exchanges = dict[str, NewCookie](), self.visitor.wire[self._began if since is None else since :]
        for exchange in exchanges:
            for cookie in exchange.set_cookies if exchange.host == self.visitor.host else ():
                if not deletes(exchange, cookie):
                    lasts = age(cookie.expires(exchange.time), exchange.time)
                    last[cookie.name] = NewCookie(cookie.name, cookie.path(exchange.path), lasts)
        yield from last.values()
        clock = self.visitor.clock
        first = clock.to_browser_time(exchanges[0].time) if exchanges else None
        for held in self.held.values():
            if held.name not in last:
                yield NewCookie(held.name, held.path, age(held.expires, clock.now("browser"), first))

    # --- what is shown

    def lines(self) -> list[str]:
        """Return the lines of text that the page shows."""
        try:
            text = str(pages.evaluate(self.visitor.page, TEXT))
        except Error:  # no page of text, or gone meanwhile
            return []
        return list(dict.fromkeys(filter(None, map(str.strip, re.split(r"[\n\t]", text)))))

    def shows(self, text: str) -> bool:
        """Return whether the page that was visited last shows the text."""
        return pages.shows(self.visitor.page, text, seconds=0)


def _host_of(label: str) -> str:
    """Return a host below localhost, at which no cookie of another label is sent."""
    return f"{label}.discover.localhost"


def age(end: datetime | None, now: datetime, since: datetime | None = None) -> timedelta | None:
    """Return how long a cookie lasts that was set now, or at some moment since ``since``.

    A time within 2 s of whole minutes is rounded, since dates are whole seconds.
    """
    if end is None:
        return None
    shortest, longest = (end - now).total_seconds(), (end - (since or now)).total_seconds()
    minutes = round(longest / 60) if round(longest / 60) * 60 < longest + 2 else longest // 60
    return timedelta(minutes=minutes) if minutes * 60 > shortest - 2 else timedelta(seconds=round(shortest))
