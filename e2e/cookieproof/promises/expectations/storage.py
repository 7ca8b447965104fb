"""``expect_storage``: what a test promises about one name in localStorage, sessionStorage or IndexedDB."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from cookieproof.cookies.storage import KINDS, StorageKind
from cookieproof.errors import CookieproofError
from cookieproof.promises.expectations.expectation import need_timedelta
from cookieproof.promises.expectations.retrying import Check, RetryingAssertion
from cookieproof.promises.judging import Failure
from cookieproof.promises.storage_state import StorageState
from cookieproof.words import quoted

if TYPE_CHECKING:
    from playwright.sync_api import Frame

    from cookieproof.visitor.visitor import Visitor

__tracebackhide__ = True  # a failure points at the line of the test

NEVER_SEEN = (
    "but was never seen there. What is set and removed between two looks is not seen: expect it to_be_kept() where it "
    "is to be there"
)


def expect_storage(
    visitor: Visitor, name: str, kind: StorageKind = "local", frame: Frame | None = None
) -> StorageExpectation:
    """Return the expectations about ``name`` in a storage of the visitor's host.

    ``kind`` is "local" (localStorage), "session" (sessionStorage) or "indexed_db", where the name is
    ``database/store/key``. With a frame of the visitor's page: about what that frame keeps, in its partition.

    An expectation waits as ``expect_cookie`` does. What was kept before is known from snapshots of the open pages:
    before each ``goto`` leaves a page, before the browser ends, and where something is expected.
    """
    if kind not in KINDS:
        raise CookieproofError(f'expect_storage(kind={quoted(kind)}) is none of "local", "session" and "indexed_db".')
    return StorageExpectation(visitor, name, kind, frame)


class StorageExpectation:
    """Returned by ``expect_storage``. Each method raises ``AssertionError`` with the evidence if it does not hold."""

    def __init__(self, visitor: Visitor, name: str, kind: StorageKind, frame: Frame | None) -> None:
        see = partial(StorageState, visitor, name, kind, frame)
        self._assertion: RetryingAssertion[StorageState] = RetryingAssertion(visitor, name, see, only_cookies=False)

    def to_be_kept(self, *, value: str | None = None) -> None:
        """The storage has the name, with this value if one is given, else with the value from before the browser ended.

        After a restart no page has to be visited for it: a tab of the harness's own reads the storage, in which
        nothing of the site runs. In sessionStorage the name is kept if an open page has it.
        """
        self._hold(_Kept(value))

    def to_be_gone(self) -> None:
        """The storage does not have the name any more, though a snapshot had it.

        Waits until the network is idle. Fails for a name that was never seen (``never_to_be_set`` is for those).
        """
        self._hold(_Gone())

    def never_to_be_set(self, within: timedelta = timedelta(0)) -> None:
        """No snapshot had the name, and the storage does not have it, though a page of the host was visited.

        Waits until the network is idle, and then watches for ``within`` (of real time, as a page's timers run).
        """
        need_timedelta("never_to_be_set", within=within)
        self._hold(_NeverSet(within))

    def _hold(self, check: Check[StorageState]) -> None:
        self._assertion.hold(check)
        if check.watched:
            self._assertion.watch(check)


@dataclass
class _Kept:
    value: str | None
    needs_network_idle: bool = False
    is_final: bool = False
    watched: timedelta = timedelta(0)

    def check(self, state: StorageState) -> Failure | None:
        if why := state.cannot_be_seen:
            return Failure("should be kept, which cannot be seen", why)
        if not state.values:
            was = "is gone" if state.was_set else "was never seen there"
            return Failure(f"should be kept, but {was}", hint=not state.was_set)
        if self.value is not None and self.value not in state.values:
            return Failure(f"should be kept as {quoted(self.value)}, but is {quoted(state.values[0])}")
        before = state.before_this_life
        if self.value is None and before is not None and before not in state.values:
            cause = "A page may have lost it and set it anew: expect it before a page is visited, or name its value"
            return Failure("should be kept, but has another value than before the browser was opened", cause)
        return None


@dataclass
class _Gone:
    needs_network_idle: bool = True
    is_final: bool = False
    watched: timedelta = timedelta(0)

    def check(self, state: StorageState) -> Failure | None:
        if why := state.cannot_be_seen:
            return Failure("should be gone, which cannot be seen", why)
        if state.values:
            return Failure(f"should be gone, but is there: {quoted(state.values[0])}")
        return None if state.was_set else Failure(f"should be gone, {NEVER_SEEN}", hint=True)


@dataclass
class _NeverSet:
    watched: timedelta
    needs_network_idle: bool = True
    is_final: bool = True

    def check(self, state: StorageState) -> Failure | None:
        if state.values or state.was_set:
            is_there = f"is there: {quoted(state.values[0])}" if state.values else "was seen there"
            return Failure(f"should never be set, but {is_there}")
        if why := state.cannot_be_seen:
            return Failure("should never be set, which cannot be seen", why)
        if not state.by_pages:
            what = "should never be set, but no page of it was visited and looked at, which proves nothing"
            return Failure(what)
        return None
