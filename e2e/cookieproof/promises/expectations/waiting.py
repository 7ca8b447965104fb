"""Waits until an expectation holds, or until nothing more can come, and tells the evidence where it does not."""

from __future__ import annotations

import contextlib
import time
from datetime import timedelta
from typing import TYPE_CHECKING, NoReturn

from cookieproof.cookies.cookie_event import StoreSnapshot
from cookieproof.errors import WaitedInVain, wait_until
from cookieproof.promises import evidence
from cookieproof.promises.cookie_state import CookieState
from cookieproof.promises.expectations.expectation import Expectation
from cookieproof.promises.judging import Failure
from cookieproof.visitor.pending_requests import ENDLESS_SECONDS
from cookieproof.words import duration

if TYPE_CHECKING:
    from playwright.sync_api import Frame

    from cookieproof.visitor.visitor import Visitor

__tracebackhide__ = True  # a failure points at the line of the test

USUAL_SECONDS = 5.0  # as Playwright's own expectations wait
# What never ends is known as such after ENDLESS_SECONDS.
IDLE_SECONDS = ENDLESS_SECONDS + 1


class Waiting:
    """Waits for expectations of one cookie of one visitor."""

    def __init__(self, visitor: Visitor, name: str, path: str | None, frame: Frame | None) -> None:
        self._visitor, self._name, self._path, self._frame = visitor, name, path, frame

    def hold(self, expectation: Expectation) -> None:
        """Raise ``AssertionError``, with the evidence, unless the expectation holds.

        It is checked once no request is pending, and again until it holds or nothing more can come. One that
        ``needs_network_idle`` is not believed before. A failure of one that ``is_final`` is raised at once.
        """
        if expectation.needs_network_idle and self._visitor.engine.tells_late_of_requests:
            self._wait_for_network_idle()
        state = self._state()
        failed, left = expectation.check(state), self._visitor.network_idle.pending.awaited()
        if (failed and expectation.is_final) or not (left or (failed and not self._visitor.network_idle.is_static())):
            return self._end(state, failed)
        if expectation.needs_network_idle and (unrest := self._wait_for_network_idle()):
            state = self._state()
            return self._end(
                state, expectation.check(state) or Failure("cannot be judged: the network does not become idle", unrest)
            )
        return self._end(*self._ask_anew(expectation))

    def _ask_anew(self, expectation: Expectation) -> tuple[CookieState, Failure | None]:
        last: list[StoreSnapshot] = []
        verdict: list[tuple[CookieState, Failure | None]] = []

        def is_decided() -> bool:
            self._visitor.network_idle.await_scripts_cookies()
            snapshot = self._visitor.store.snapshot()
            if not last or not snapshot.is_like(last[-1]):
                state = self._state()
                last.append(snapshot)
                verdict.append((state, expectation.check(state)))
            failed = verdict[-1][1]
            if failed and expectation.is_final:
                return True
            return not self._visitor.network_idle.pending.awaited() and (
                failed is None or self._visitor.network_idle.is_static()
            )

        with contextlib.suppress(WaitedInVain), self._visitor.network_idle.pending.waiting():
            wait_until(is_decided, "", _timeout())
        return verdict[-1]

    def _wait_for_network_idle(self) -> str:
        """Wait for network idle. Returns a sentence that names what is still pending; an empty text if nothing is."""
        try:
            self._visitor.network_idle.wait(max(_timeout(), IDLE_SECONDS))
        except WaitedInVain as unrest:
            return str(unrest).removesuffix(".")
        return ""

    def watch(self, expectation: Expectation) -> None:
        """Raise ``AssertionError`` if the expectation ceases to hold while it is ``watched``."""
        within = expectation.watched
        start = time.monotonic()
        found: list[tuple[CookieState, Failure]] = []

        def has_failed() -> bool:
            state = self._state()
            if failed := expectation.check(state):
                found.append((state, failed))
            return bool(found)

        try:
            wait_until(has_failed, "", within.total_seconds())
        except WaitedInVain:
            self._visitor.site.note("watched", f"for {duration(within)}: no {self._name}", self._visitor.number)
            return
        after = timedelta(seconds=time.monotonic() - start)
        state, failed = found[-1]
        what = f"{failed.what}, {duration(after)} after the network had become idle (watched for {duration(within)})"
        self._end(state, Failure(what))

    def _state(self) -> CookieState:
        return CookieState(self._visitor, self._name, self._path, self._frame)

    def _end(self, state: CookieState, failed: Failure | None) -> None:
        if failed:
            self._fail(state, failed)
        for endless in self._visitor.network_idle.pending.new_endless():
            self._visitor.site.note("not awaited", endless, self._visitor.number)

    def _fail(self, state: CookieState, failed: Failure) -> NoReturn:
        headline = evidence.headline(state, failed.what, failed.cause, hint=failed.hint)
        raise AssertionError("\n".join([headline, f"  seen from {evidence.where(state)}:", *evidence.evidence(state)]))


def _timeout() -> float:
    """Return the deadline of Playwright's own expectations, in seconds: ``expect.set_options(timeout=…)``."""
    from playwright.sync_api import expect

    milliseconds = getattr(expect, "_timeout", None)
    return USUAL_SECONDS if milliseconds is None else milliseconds / 1000
