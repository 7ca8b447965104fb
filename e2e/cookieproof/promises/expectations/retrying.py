"""Waits until an expectation holds, or until nothing more can change, and raises with the evidence if it does not."""

from __future__ import annotations

import contextlib
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from cookieproof.cookies.cookie_event import StoreSnapshot
from cookieproof.errors import DeadlineExceeded, wait_until
from cookieproof.promises.judging import Failure
from cookieproof.visitor.pending_requests import ENDLESS_SECONDS
from cookieproof.words import duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from cookieproof.visitor.visitor import Visitor

__tracebackhide__ = True  # a failure points at the line of the test

USUAL_SECONDS = 5.0  # as Playwright's own expectations wait
# A request that never ends is recognized after ENDLESS_SECONDS.
IDLE_SECONDS = ENDLESS_SECONDS + 1


class ObservedState(Protocol):
    """What an expectation is checked on: one cookie or storage item, as it is at one moment."""

    def failure(self, failed: Failure) -> str:
        """Return the text of a failure, with the evidence."""


S = TypeVar("S", bound=ObservedState)
S_contra = TypeVar("S_contra", contravariant=True)


class Check(Protocol[S_contra]):
    """An expectation of one kind of state; ``Expectation`` explains the fields."""

    needs_network_idle: bool
    is_final: bool
    watched: timedelta

    def check(self, state: S_contra) -> Failure | None: ...


class RetryingAssertion(Generic[S]):
    """Waits for expectations about one cookie or storage item of one visitor; ``see()`` returns its present state."""

    def __init__(self, visitor: Visitor, name: str, see: Callable[[], S], *, only_cookies: bool = True) -> None:
        """Assert about ``name``; with ``only_cookies`` its state changes only if cookies or exchanges do."""
        self._visitor, self._name, self._state, self._only_cookies = visitor, name, see, only_cookies

    def hold(self, expectation: Check[S]) -> None:
        """Raise ``AssertionError``, with the evidence, unless the expectation holds.

        It is checked once no request is pending, and again until it holds or nothing more can change. If it
        ``needs_network_idle``, only a check after that counts. If it ``is_final``, a failure is raised at once.
        """
        if expectation.needs_network_idle and self._visitor.engine.reports_requests_late:
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

    def _ask_anew(self, expectation: Check[S]) -> tuple[S, Failure | None]:
        last: list[StoreSnapshot] = []
        verdict: list[tuple[S, Failure | None]] = []

        def is_decided() -> bool:
            self._visitor.network_idle.await_scripts_cookies()
            snapshot = self._visitor.store.snapshot()
            if not last or not self._only_cookies or not snapshot.is_like(last[-1]):
                state = self._state()
                last.append(snapshot)
                verdict.append((state, expectation.check(state)))
            failed = verdict[-1][1]
            if failed and expectation.is_final:
                return True
            return not self._visitor.network_idle.pending.awaited() and (
                failed is None or self._visitor.network_idle.is_static()
            )

        with contextlib.suppress(DeadlineExceeded), self._visitor.network_idle.pending.waiting():
            wait_until(is_decided, "", _timeout())
        return verdict[-1]

    def _wait_for_network_idle(self) -> str:
        """Wait for network idle. Return a sentence that names what is still pending; an empty text if nothing is."""
        assert self._visitor.context  # opens the browser at first use
        try:
            self._visitor.network_idle.wait(max(_timeout(), IDLE_SECONDS))
        except DeadlineExceeded as unrest:
            return str(unrest).removesuffix(".")
        return ""

    def watch(self, expectation: Check[S]) -> None:
        """Raise ``AssertionError`` if the expectation stops holding while it is ``watched``."""
        within = expectation.watched
        start = time.monotonic()
        found: list[tuple[S, Failure]] = []

        def has_failed() -> bool:
            state = self._state()
            if failed := expectation.check(state):
                found.append((state, failed))
            return bool(found)

        try:
            wait_until(has_failed, "", within.total_seconds())
        except DeadlineExceeded:
            self._visitor.site.note("watched", f"for {duration(within)}: no {self._name}", self._visitor.number)
            return
        after = timedelta(seconds=time.monotonic() - start)
        state, failed = found[-1]
        what = f"{failed.what}, {duration(after)} after the network had become idle (watched for {duration(within)})"
        self._end(state, Failure(what))

    def _end(self, state: S, failed: Failure | None) -> None:
        if failed:
            raise AssertionError(state.failure(failed))
        for endless in self._visitor.network_idle.pending.new_endless():
            self._visitor.site.note("not awaited", endless, self._visitor.number)


def _timeout() -> float:
    """Return the timeout of Playwright's own expectations, in seconds: ``expect.set_options(timeout=…)``."""
    from playwright.sync_api import expect

    milliseconds = getattr(expect, "_timeout", None)
    return USUAL_SECONDS if milliseconds is None else milliseconds / 1000
