"""What a scenario can need next, and the answer that it gets."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cookieproof.cookies.exchange import Exchange
from cookieproof.cookies.storage import StorageItem
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.promises.lifetimes import Step


@dataclass(frozen=True)
class RunStep:
    """Take a step of the lifetime's, when it is due, or at once. The answer is a ``Visit``.

    ``shows`` says whether the page must show afterwards what the lifetime promises; None if it is not checked. A
    function that fails breaks the promise, unless it ``may_fail``: then the visit has a problem.
    """

    step: Step
    shows: bool | None = None
    may_fail: bool = False
    due: datetime | None = None


@dataclass(frozen=True)
class ProbeCookie:
    """Ask whether the cookie is sent, when it is due. The answer is a ``ProbeResult``."""

    due: datetime | None = None


@dataclass(frozen=True)
class Restart:
    """Wait for the restart of the browser."""


@dataclass(frozen=True)
class LeaveOpen:
    """Leave the last page open until this moment, with its timers running, on a clock that moves by ``step``.

    The answer is the exchanges that the page caused meanwhile.
    """

    until: datetime
    step: timedelta


@dataclass(frozen=True)
class VisitAsNewVisitor:
    """Visit a path with a new visitor. The answer is the set of values that the cookie then has in that browser."""

    path: str


@dataclass(frozen=True)
class ProbeResult:
    """Whether the cookie was sent, and the time of the probe."""

    sent: bool
    time: datetime


@dataclass(kw_only=True, frozen=True)
class StepOutcome:
    """The result of a step, as far as the page shows it.

    ``problem`` says why the step proves nothing, an empty text if it proves something; ``by_its_host`` is whether the
    reason is that the site answers only to its own hosts; ``status`` is that of the last page, 0 if none came.
    ``shown`` is whether the page showed what the lifetime promises (None if it was not checked), ``document`` the
    site's answer as text, if the page did not show what was expected.
    """

    problem: str = ""
    by_its_host: bool = False
    status: int = 0
    shown: bool | None = None
    document: str = ""


@dataclass(kw_only=True, frozen=True)
class Visit(StepOutcome):
    """The result of a step, with its exchanges at the run's own host and the cookie that is held afterwards.

    ``stored`` is what the page keeps in its storage, if a sign-in is judged by it.
    """

    time: datetime
    exchanges: tuple[Exchange, ...]
    held: StoredCookie | None
    stored: tuple[StorageItem, ...] = ()

    @property
    def began(self) -> datetime:
        """The time of the first request, before which the site has set nothing; ``time`` if there was no request."""
        first = next(iter(self.exchanges), None)
        return (first.began or first.time) if first else self.time


Need = RunStep | ProbeCookie | Restart | LeaveOpen | VisitAsNewVisitor
Steps = Generator[Need, Any, None]


class BrokenPromise(Exception):
    """Raised if a promise is broken, with the clause that follows "should last 7 days, but"."""
