"""What a scenario needs next, and what it is told in answer."""

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

    ``shows`` says whether the page is to show what the lifetime promises afterwards; None if nobody looks.
    A function that fails breaks the promise, unless it ``may_fail``: then the visit has a problem.
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
    """Leave the page open that was visited last, awake, until this moment, on a clock that goes by ``step``."""

    until: datetime
    step: timedelta


@dataclass(frozen=True)
class VisitAsNewVisitor:
    """Visit a path with a new visitor. The answer is the set of values that the cookie then has in that browser."""

    path: str


@dataclass(frozen=True)
class ProbeResult:
    """Whether the cookie was sent, and when it was known."""

    sent: bool
    time: datetime


@dataclass(kw_only=True, frozen=True)
class StepOutcome:
    """What became of a step, as far as the page shows it.

    ``problem`` says why the step proves nothing, an empty text if it does; ``by_its_host`` whether it is that the site
    answers only to its own hosts; ``status`` is that of
    the page in the end, 0 if none came. ``shown`` says whether the page showed what the lifetime
    promises (None if nobody looked), ``document`` what the site answered as text, where it did not.
    """

    problem: str = ""
    by_its_host: bool = False
    status: int = 0
    shown: bool | None = None
    document: str = ""


@dataclass(kw_only=True, frozen=True)
class Visit(StepOutcome):
    """What became of a step, with its exchanges at the run's own host and the cookie that is held afterwards.

    ``stored`` is what the page keeps in its storage, where a sign-in is judged by it.
    """

    time: datetime
    exchanges: tuple[Exchange, ...]
    held: StoredCookie | None
    stored: tuple[StorageItem, ...] = ()


Need = RunStep | ProbeCookie | Restart | LeaveOpen | VisitAsNewVisitor
Steps = Generator[Need, Any, None]


class BrokenPromise(Exception):
    """Raised where a promise is broken, with the clause that follows "should last 7 days, but"."""
