"""Waits until an expectation holds, or until nothing more can come, and tells the evidence where it does not."""

from __future__ import annotations

import contextlib
import time
from datetime import timedelta
from typing import TYPE_CHECKING, NoReturn

from cookieproof.cookies.happened import Look
from cookieproof.errors import WaitedInVain, wait_until
from cookieproof.promises import evidence
from cookieproof.promises.expectations.expectation import Expectation
from cookieproof.promises.judging import Failure
from cookieproof.promises.sight import Sight
from cookieproof.visitor.on_its_way import ENDLESS_SECONDS
from cookieproof.words import duration

if TYPE_CHECKING:
    from playwright.sync_api import Frame

    from cookieproof.visitor.visitor import Visitor

__tracebackhide__ = True  # a failure points at the line of the test

USUAL_SECONDS = 5.0  # as Playwright's own expectations wait
# What never ends is known as such after ENDLESS_SECONDS.
REST_SECONDS = ENDLESS_SECONDS + 1


class Waiting:
    """For one cookie of one visitor."""

    def __init__(self, visitor: Visitor, name: str, path: str | None, frame: Frame | None) -> None:
        self._visitor, self._name, self._path, self._frame = visitor, name, path, frame

    def hold(self, expectation: Expectation) -> None:
        """Raise ``AssertionError``, with the evidence, unless the expectation holds.

        It is checked once nothing is on its way, and again until it holds or nothing more can come.

        What must have come to rest is not believed before. A failure that is final does not wait to be mended.
        """
        if expectation.at_rest and self._visitor.engine.tells_late_of_requests:
            self._come_to_rest()
        sight = self._sight()
        failed, left = expectation.check(sight), self._visitor.rest.on_its_way.awaited()
        if (failed and expectation.is_final) or not (left or (failed and not self._visitor.rest.is_still())):
            return self._end(sight, failed)
        if expectation.at_rest and (unrest := self._come_to_rest()):
            sight = self._sight()
            return self._end(
                sight, expectation.check(sight) or Failure("cannot be judged: the page does not come to rest", unrest)
            )
        return self._end(*self._ask_anew(expectation))

    def _ask_anew(self, expectation: Expectation) -> tuple[Sight, Failure | None]:
        last: list[Look] = []
        verdict: list[tuple[Sight, Failure | None]] = []

        def is_decided() -> bool:
            self._visitor.rest.await_scripts_cookies()
            look = self._visitor.store.look()
            if not last or not look.is_like(last[-1]):
                sight = self._sight()
                last.append(look)
                verdict.append((sight, expectation.check(sight)))
            failed = verdict[-1][1]
            if failed and expectation.is_final:
                return True
            return not self._visitor.rest.on_its_way.awaited() and (failed is None or self._visitor.rest.is_still())

        with contextlib.suppress(WaitedInVain), self._visitor.rest.on_its_way.waiting():
            wait_until(is_decided, "", _timeout())
        return verdict[-1]

    def _come_to_rest(self) -> str:
        """Returns what is still on its way, in a sentence; an empty text once nothing is."""
        try:
            self._visitor.rest.wait(max(_timeout(), REST_SECONDS))
        except WaitedInVain as unrest:
            return str(unrest).removesuffix(".")
        return ""

    def watch(self, expectation: Expectation) -> None:
        """Raise ``AssertionError`` if it ceases to hold within the time for which it is watched."""
        within = expectation.watched
        start = time.monotonic()
        found: list[tuple[Sight, Failure]] = []

        def has_failed() -> bool:
            sight = self._sight()
            if failed := expectation.check(sight):
                found.append((sight, failed))
            return bool(found)

        try:
            wait_until(has_failed, "", within.total_seconds())
        except WaitedInVain:
            self._visitor.site.note("watched", f"for {duration(within)}: no {self._name}", self._visitor.number)
            return
        after = timedelta(seconds=time.monotonic() - start)
        sight, failed = found[-1]
        what = f"{failed.what}, {duration(after)} after the page had come to rest (watched for {duration(within)})"
        self._end(sight, Failure(what))

    def _sight(self) -> Sight:
        return Sight(self._visitor, self._name, self._path, self._frame)

    def _end(self, sight: Sight, failed: Failure | None) -> None:
        if failed:
            self._fail(sight, failed)
        for endless in self._visitor.rest.on_its_way.news():
            self._visitor.site.note("not awaited", endless, self._visitor.number)

    def _fail(self, sight: Sight, failed: Failure) -> NoReturn:
        headline = evidence.headline(sight, failed.what, failed.cause, hint=failed.hint)
        raise AssertionError("\n".join([headline, f"  seen from {evidence.where(sight)}:", *evidence.evidence(sight)]))


def _timeout() -> float:
    """The deadline of Playwright's own expectations, in seconds: ``expect.set_options(timeout=…)``."""
    from playwright.sync_api import expect

    milliseconds = getattr(expect, "_timeout", None)
    return USUAL_SECONDS if milliseconds is None else milliseconds / 1000
