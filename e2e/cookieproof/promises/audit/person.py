"""The person whose sessions are audited: one running browser, which is cleared before each sign-in."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

from cookieproof.browser import pages
from cookieproof.browser.pages import VisitFailed
from cookieproof.cookies.exchange import Exchange
from cookieproof.errors import CookieproofError
from cookieproof.promises.lifetimes import Shown, Step, in_words
from cookieproof.site.site import Site
from cookieproof.visitor.visitor import Visitor
from cookieproof.words import printable, shown

if TYPE_CHECKING:
    from playwright.sync_api import Page

__tracebackhide__ = True  # a failure points at the line of the test

IDLE_SECONDS = 20.0
CACHED = """async () => {
  const found = [];
  for (const name of await self.caches?.keys() ?? []) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const answer = await cache.match(request);
      found.push([request.url, answer.headers.get("Content-Type") ?? "", await answer.text()]);
    }
  }
  return found;
}"""


class Person:
    """Takes steps with one visitor, at one host of the site, over https where the site has it.

    ``seen`` are the exchanges of the last visit of ``look``.
    """

    def __init__(
        self,
        visitor: Visitor,
        host: str,
        shows: Shown,
        failures: tuple[type[BaseException], ...],
        note: Callable[[str], None],
    ) -> None:
        """``failures`` are what a step that is a function may raise to say that it failed; ``note`` gets each step."""
        self.visitor, self.host, self._shows, self._failures, self._note = visitor, host, shows, failures, note
        self.origin = visitor.site.at(host, https=True)
        self.seen: list[Exchange] = []
        self._origin = urlsplit(self.origin).scheme, host
        self._clean = 0  # how many exchanges there were when nothing was kept
        self._drawn = 0.0  # how many seconds after network idle the page showed what it is to show

    @property
    def site(self) -> Site:
        return self.visitor.site

    @property
    def is_secure(self) -> bool:
        return self.origin.startswith("https:")

    @property
    def page(self) -> Page:
        return self.visitor.page

    def begin_anew(self) -> None:
        """Forget all cookies and all that pages keep, and begin with one blank page."""
        visitor, context = self.visitor, self.visitor.context
        kept = {(each.scheme, each.host) for each in visitor.wire[self._clean :]}
        origins = [self.site.at(host, https=scheme == "https") for scheme, host in sorted(kept)]
        if not visitor.engine.forget:
            visitor.leave()
            visitor.web_storage.empty(visitor.page, origins)
        visitor.lives.begin_anew()  # a tab without a history
        if visitor.engine.forget:  # which spares a visit of each origin
            visitor.engine.forget(visitor.page, origins)
        context.clear_cookies()
        self._clean = len(visitor.wire)
        visitor.move_to(self.host, https=True)

    def renew(self, name: str, old: str, new: str) -> None:
        """Put a cookie's new value into the browser, where it holds the old one: a copy has used that up."""
        held = [each for each in self.visitor.context.cookies() if (each["name"], each["value"]) == (name, old)]
        self.visitor.context.add_cookies([{**each, "value": new} for each in held])  # type: ignore[typeddict-item]

    def lose_the_session(self) -> None:
        """Forget cookies and what the open page keeps in its storage, but no cache, as where a session has ended."""
        self.visitor.context.clear_cookies()
        pages.evaluate(self.page, "localStorage.clear(); sessionStorage.clear()")
        self._note("removed the cookies and the storage, and kept the browser's cache")

    def take(self, step: Step, *, seconds: float | None = None) -> list[Exchange]:
        """Take a step of the account's, and return its exchanges, once the network is idle.

        ``seconds`` is how long each of its waits may take, where it is expected to fail.
        """
        if seconds is None:
            return self._take(step)
        settings = self.visitor.context._impl_obj._timeout_settings
        before = settings._default_timeout  # Playwright has no way to ask for it
        settings.set_default_timeout(seconds * 1000)
        try:
            return self._take(step)
        finally:
            settings.set_default_timeout(before)

    def _take(self, step: Step) -> list[Exchange]:
        visitor, before, name = self.visitor, len(self.visitor.wire), in_words(step)
        why = f"{name} shares this browser and its clock with the whole audit:"
        with (
            visitor.lives.kept_open(f"{why} it may visit, but not end the browser."),
            visitor.clock.locked(f"{why} it may visit, but not move the clock."),
        ):
            try:
                if callable(step):
                    step(visitor)
                else:
                    visitor.goto(step)
                visitor.network_idle.wait(IDLE_SECONDS)
            except self._failures as error:
                visitor.site.tell_failure()  # a site that does not answer is told of here
                said = str(error).strip() or type(error).__name__
                said = f"sys.exit({error.code!r}) ended it" if isinstance(error, SystemExit) else said
                raise CookieproofError(f"{name} failed: {said}") from None
        self._note(name)
        return visitor.wire[before:]

    def look(self, path: str, *, expected: bool, after: Sequence[Exchange] = ()) -> bool:
        """Visit the path, and return whether the page shows who is signed in.

        A step with the exchanges ``after`` may have led there: then nothing is visited once more.
        A script may draw that late. If it is ``expected``, it is waited for; if not, then for twice as many seconds as
        it has taken at most where it was expected.
        """
        if self._was_led_to(path, after):
            return True
        visitor, before = self.visitor, len(self.visitor.wire)
        visitor.goto(path)
        visitor.network_idle.wait(IDLE_SECONDS)
        self.seen = visitor.wire[before:]
        found = self.shows(expected=expected)
        self._note(f"visited {printable(path)}, which {'shows' if found else 'does not show'} {self.what}")
        return found

    def _was_led_to(self, path: str, exchanges: Sequence[Exchange]) -> bool:
        """Return whether a step with these exchanges has led to the path, and the page shows who is signed in.

        Then ``seen`` are its exchanges from that document on, as if it had been visited once more. It has not been led
        there if it was there before it signed in: a script may do that, and the page's own exchanges are nobody's then.
        """
        documents = [number for number, each in enumerate(exchanges) if each.fetch_dest == "document"]
        if not documents or urldefrag(self.page.url).url != self.origin + path:
            return False
        last = exchanges[documents[-1]]
        is_there = (last.method, last.scheme, last.host, last.target) == ("GET", *self._origin, path)
        if not is_there or last.status != HTTPStatus.OK or _signs_in(exchanges[documents[-1] :]):
            return False
        if not self.shows(expected=False):
            return False
        self.seen = [*exchanges[documents[-1] :]]
        self._note(f"was led to {printable(path)}, which shows {self.what}")
        return True

    def shows(self, *, expected: bool, page: Page | None = None) -> bool:
        """Return whether the page shows now who is signed in."""
        seconds = pages.ANSWER_SECONDS if expected else 2 * self._drawn
        began = time.monotonic()
        if seconds and self.visitor.network_idle.is_static():
            seconds = 0
        found = pages.shows(page or self.page, self._shows, seconds=seconds)
        if found and seconds:
            self._drawn = max(self._drawn, time.monotonic() - began)
        return found

    @property
    def what(self) -> str:
        """Name what ``shows`` promises, for a sentence."""
        return f'"{shown(self._shows)}"' if isinstance(self._shows, str) else getattr(self._shows, "__name__", "it")

    def tokens(self) -> Sequence[str]:
        """The values that the open pages keep in their storage."""
        return [item.value for item in self.visitor.web_storage.items(self.page)]

    def cached(self) -> list[tuple[str, str, str]]:
        """Return URL, content type and text of each answer in the page's caches (Cache API)."""
        return [(url, kind.lower(), text) for url, kind, text in pages.evaluate(self.page, CACHED)]

    def shows_offline(self, path: str) -> bool:
        """Visit the path without a network, and return whether the page shows who is signed in."""
        context = self.visitor.context
        context.set_offline(True)
        try:
            self.visitor.goto(path)
            return self.shows(expected=False)
        except VisitFailed:
            return False
        finally:
            context.set_offline(False)
            self._note(f"visited {printable(path)} without a network")

    def is_elsewhere(self) -> str:
        """Return the host to which the page has been led, if it is another than the audited one; or an empty text."""
        host = urlsplit(self.page.url).hostname or ""
        return "" if host == self.host else host


def _signs_in(exchanges: Sequence[Exchange]) -> bool:
    """Return whether one of these, of a page and what it asks for, may sign in: no GET, or one that gives a cookie."""
    sent = exchanges[0].cookies.keys()
    return any(each.method != "GET" or not {cookie.name for cookie in each.set_cookies} <= sent for each in exchanges)
