"""What a test promises about one cookie, and the evidence when the promise is broken.

What the browser holds and sends decides; the wire explains who did it. No expectation holds vacuously: each
needs this visitor's own browser to show that there was something to expect.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, NoReturn

from cookieproof.cookies.deletions import failure
from cookieproof.cookies.happened import Look, Place
from cookieproof.errors import CookieproofError, WaitedInVain, wait_until
from cookieproof.promises import judging
from cookieproof.promises.judging import Failure
from cookieproof.promises.sight import Sight
from cookieproof.visitor.on_its_way import ENDLESS_SECONDS
from cookieproof.words import duration, quoted, shown

if TYPE_CHECKING:
    from types import EllipsisType

    from playwright.sync_api import Frame

    from cookieproof.visitor.visitor import Visitor

__tracebackhide__ = True  # a failure points at the line of the test

USUAL_SECONDS = 5.0  # as Playwright's own expectations wait
# What never ends is known as such after ENDLESS_SECONDS.
REST_SECONDS = ENDLESS_SECONDS + 1


def expect_cookie(
    visitor: Visitor, name: str, path: str | None = None, frame: Frame | None = None
) -> CookieExpectation:
    """Promise something about the cookie ``name``, as the visitor's browser treats it for ``path`` of its host.

    With a frame of the visitor's page: for ``path`` of the frame's host, as that frame asks for it.

    Of several cookies of the name the path chooses the one that is sent there. Where it is left
    out it is "/", and a cookie that lives on at another path counts as living on.

    An expectation waits for what is on its way, and for up to ``expect.timeout`` (Playwright's, 5 s if nothing
    is said) until it holds.
    """
    return CookieExpectation(visitor, name, path, frame)


Check = Callable[[Sight], Failure | None]


class CookieExpectation:
    """What ``expect_cookie`` returns. Each method raises ``AssertionError`` with the evidence."""

    def __init__(self, visitor: Visitor, name: str, path: str | None, frame: Frame | None = None) -> None:
        self._visitor, self._name, self._path, self._frame = visitor, name, path, frame

    # --- promises

    def to_be_sent(self, *, value: str | None = None) -> None:
        """The browser sends it to the path, with this value if one is given, and as the site last set it."""

        def check(sight: Sight) -> Failure | None:
            promise = f"should be sent to {sight.path}"
            if self._name not in sight.sent:
                return Failure(f"{promise}, but is not", sight.why_not_there(), hint=True)
            sent = sight.sent[self._name]
            if value is not None:
                what = f"should be sent with the value {quoted(value)}, but is sent with {quoted(sent)}"
                return None if sent == value else Failure(what, judging.as_before(sight))
            if not sight.is_as_asked() and (cause := judging.as_before(sight)):
                return Failure(f"{promise}, but is sent as it was before", cause)
            return None

        self._await(check)

    def not_to_be_sent(self) -> None:
        """The browser does not send it to the path, though it once held or sent it.

        Waits until the page has come to rest. Fails for a cookie that was never set, or that the browser never took
        (``never_to_be_set`` is for those), and for one that the browser still holds for another path.
        """

        def check(sight: Sight) -> Failure | None:
            if self._name in sight.sent:
                return Failure(f"should not be sent to {sight.path}, but is")
            if not sight.was_set:
                what = "should not be sent any more, but was never set in this browser"
                return Failure(what, sight.why_not_there(), hint=True)
            if held := [each for each in sight.living if each.is_for(sight.host)]:
                what = f"should not be sent any more: it is not sent to {sight.path}, but lives on at"
                return Failure(f"{what} {shown(held[0].path)}{held[0].where}")
            return None

        self._await(check, at_rest=True)

    def never_to_be_set(self, within: timedelta = timedelta(0)) -> None:
        """No response to this visitor and no script set it, and the browser neither sends nor holds it.

        Waits until the page has come to rest, and then watches for ``within`` (of real time, as a page's timers run).
        """
        _need_timedelta("never_to_be_set", within=within)

        def check(sight: Sight) -> Failure | None:
            if not sight.wire:
                return Failure(
                    "should never be set, but this visitor has not visited the site yet, which proves nothing"
                )
            is_there = sight.was_set or any(each for each in sight.held) or self._name in sight.sent
            return Failure("should never be set, but was") if is_there else None

        self._await(check, at_rest=True, is_final=True)
        if within:
            self._watch(within)

    def to_be_deleted(self) -> None:
        """The browser held it, and let it go because a ``Set-Cookie``, ``Clear-Site-Data`` or a script deleted it.

        Waits until the page has come to rest. A failure names the cause, as far as it is known: another
        name, path or domain, a deletion that the browser refuses, a cookie that was set again, or that ended otherwise.
        """

        def check(sight: Sight) -> Failure | None:
            if not sight.was_set:
                what = "should be deleted, but was never set in this browser"
                return Failure(what, sight.why_not_there(), hint=True)
            is_sent, living = self._name in sight.sent, sight.living
            if is_sent or living:
                why = failure(self._name, sight.set_cookies, living, is_sent=is_sent) or "it lives on"
                return Failure(f"should be deleted, but {why}")
            ended = sight.history.last(sight.places, "deleted", "expired", "ended", "evicted", "removed")
            if ended and ended.what == "deleted":
                return None
            others = [each for each in sight.set_cookies if each[1].name != self._name]
            why = failure(self._name, others, [], is_sent=False)
            return Failure(f"should be deleted, but {why}", ended.sentence if ended else "")

        self._await(check, at_rest=True)

    def to_end_with_the_browser(self) -> None:
        """The browser holds it without an end of its own (RFC 6265bis, 5.7 step 3).

        This reads what was promised; a restart and ``not_to_be_sent`` prove that it is kept.
        """
        promise = "should end with the browser"

        def check(sight: Sight) -> Failure | None:
            held = judging.held(sight, promise)
            if isinstance(held, Failure) or not held.expires:
                return held if isinstance(held, Failure) else None
            return Failure(f"{promise}, but outlives it, until {held.expires:%Y-%m-%d %H:%M:%S} UTC")

        self._await(check)

    def to_expire_in(self, age: timedelta, within: timedelta = timedelta(seconds=5)) -> None:
        """The browser holds it until ``age`` after it was last set, by its own clock, give or take ``within``."""
        _need_timedelta("to_expire_in", age=age, within=within)
        promise = f"should expire {duration(age)} after it was set"

        def check(sight: Sight) -> Failure | None:
            held = judging.held(sight, promise)
            if isinstance(held, Failure):
                return held
            if held.expires is None:
                return Failure(f"{promise}, but ends with the browser")
            setting = sight.history.last([Place.held(held)], "set")
            if setting is None:
                return Failure(f"{promise}, but nobody saw when it was set")
            return judging.off(promise, held, setting, age, within)

        self._await(check)

    def to_have(
        self,
        *,
        http_only: bool | None = None,
        secure: bool | None = None,
        same_site: str | EllipsisType | None = ...,
        path: str | None = None,
        domain: str | EllipsisType | None = ...,
    ) -> None:
        """The site asked for these attributes, and the browser holds the cookie with them.

        ``same_site`` is "Strict", "Lax", "None", or None for left out; ``domain`` is without
        its dot, or None for host-only. What is not named is not checked.
        """
        if http_only is None and secure is None and same_site is ... and path is None and domain is ...:
            raise TypeError("to_have() checks nothing: name at least one attribute")
        named: dict[str, object] = {"http_only": http_only, "secure": secure, "path": path}
        wanted = {key: value for key, value in named.items() if value is not None}
        wanted |= {} if same_site is ... else {"same_site": same_site}
        wanted |= {} if domain is ... else {"domain": domain}

        def check(sight: Sight) -> Failure | None:
            held = judging.held(sight, "should have certain attributes")
            if isinstance(held, Failure):
                return held
            setting = sight.history.last([Place.held(held)], "set")
            return judging.other_attributes(wanted, held, setting.sent if setting else None)

        self._await(check)

    # --- waiting

    def _await(self, check: Check, *, at_rest: bool = False, is_final: bool = False) -> None:
        """Check once nothing is on its way, and again until it holds or nothing more can come.

        What must have come to rest is not believed before. A failure that is final does not wait to be mended.
        """
        if at_rest and self._visitor.engine.tells_late_of_requests:
            self._come_to_rest()
        sight = self._sight()
        failed, left = check(sight), self._visitor.rest.on_its_way.awaited()
        if (failed and is_final) or not (left or (failed and not self._visitor.rest.is_still())):
            return self._end(sight, failed)
        if at_rest and (unrest := self._come_to_rest()):
            sight = self._sight()
            return self._end(sight, check(sight) or Failure("cannot be judged: the page does not come to rest", unrest))
        return self._end(*self._ask_anew(check, is_final=is_final))

    def _ask_anew(self, check: Check, *, is_final: bool) -> tuple[Sight, Failure | None]:
        last: list[Look] = []
        verdict: list[tuple[Sight, Failure | None]] = []

        def is_decided() -> bool:
            self._visitor.rest.await_scripts_cookies()
            look = self._visitor.store.look()
            if not last or not look.is_like(last[-1]):
                sight = self._sight()
                last.append(look)
                verdict.append((sight, check(sight)))
            failed = verdict[-1][1]
            if failed and is_final:
                return True
            return not self._visitor.rest.on_its_way.awaited() and (failed is None or self._visitor.rest.is_still())

        self._visitor.rest.on_its_way.begin_to_wait()
        with contextlib.suppress(WaitedInVain):
            wait_until(is_decided, "", _timeout())
        return verdict[-1]

    def _come_to_rest(self) -> str:
        """Returns what is still on its way, in a sentence; an empty text once nothing is."""
        try:
            self._visitor.rest.wait(max(_timeout(), REST_SECONDS))
        except WaitedInVain as unrest:
            return str(unrest).removesuffix(".")
        return ""

    def _watch(self, within: timedelta) -> None:
        start = time.monotonic()
        found: list[tuple[Sight, Failure]] = []

        def is_set() -> bool:
            sight = self._sight()
            if sight.was_set or sight.held:
                found.append((sight, Failure("should never be set, but was")))
            return bool(found)

        try:
            wait_until(is_set, "", within.total_seconds())
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
        headline = sight.headline(failed.what, failed.cause, hint=failed.hint)
        raise AssertionError("\n".join([headline, f"  seen from {sight.where()}:", *sight.evidence()]))


def _need_timedelta(method: str, **times: object) -> None:
    for name, value in times.items():
        if not isinstance(value, timedelta):
            raise CookieproofError(f"{method}({name}={quoted(value)}) takes a timedelta, as timedelta(days=7).")


def _timeout() -> float:
    """The deadline of Playwright's own expectations, in seconds: ``expect.set_options(timeout=…)``."""
    from playwright.sync_api import expect

    milliseconds = getattr(expect, "_timeout", None)
    return USUAL_SECONDS if milliseconds is None else milliseconds / 1000
