"""Defines a move of the clock, and checks what a test asks for: how far, in which steps, and not backward."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol

from cookieproof.errors import CookieproofError, did_you_mean
from cookieproof.words import MICROSECOND, duration, quoted, spelled

__tracebackhide__ = True  # a failure points at the line of the test

UNITS = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds")
EARLIER = "begin a new test for an earlier time"
STEP, MOST_STEPS = timedelta(minutes=1), 2000
Offset = Literal["site", "browser"]


@dataclass(frozen=True)
class Move:
    """One move of the clock by ``by``, of these offsets; ``awake`` is whether timers of open pages ran during it."""

    by: timedelta
    offsets: tuple[Offset, ...]
    awake: bool = False


class AwakePages(Protocol):
    """The open pages of a visitor, whose timers run during a move of the clock that is made in steps."""

    def prepare(self) -> None:
        """Get ready for a step. Raises ``CookieproofError`` if timers of a page cannot run during the move."""

    def live(self, step: timedelta) -> None:
        """Run the timers of all pages that are due after this step."""


def to_timedelta(units: Mapping[str, float]) -> timedelta:
    """Return the sum of the units of ``advance`` as a timedelta, at most the largest that Python has."""
    for unit, number in units.items():
        if unit not in UNITS:
            raise CookieproofError(
                f"advance({unit}=…) is no unit of time: choose among {', '.join(UNITS)}.{did_you_mean(unit, UNITS)}"
            )
        if not isinstance(number, int | float) or number != number:
            raise CookieproofError(f"advance({unit}={quoted(number)}) is no number: say how many {unit} it is.")
    try:
        return timedelta(**units)
    except OverflowError:
        return timedelta.max if max(units.values()) > 0 else timedelta.min


def checked_step(step: timedelta | None, *, awake: bool) -> timedelta | None:
    """Return the step of an ``awake`` move, a minute if ``step`` is None; None for a move without ``awake``.

    Raises ``CookieproofError`` for a step that is no positive timedelta, or without ``awake``.
    """
    if step is None:
        return STEP if awake else None
    if not isinstance(step, timedelta) or step <= timedelta(0):
        raise CookieproofError(f"step={quoted(step)} is no step forward: give a timedelta, as timedelta(minutes=1).")
    if not awake:
        raise CookieproofError("step= is for open pages that live through the move: say awake=True, or leave it out.")
    return step


def check_steps(by: timedelta, step: timedelta, *, has_library: bool) -> None:
    """Raise ``CookieproofError`` for a move that would take too many steps, or whose steps would move no process."""
    if not has_library:
        raise CookieproofError(
            "Open pages live through a move of the clock only where its library is: `python -m cookieproof doctor` "
            "says what is missing here."
        )
    if (number := -(-by // step)) > MOST_STEPS:
        longer = timedelta(seconds=-(-by // (MOST_STEPS * timedelta(seconds=1))))
        raise CookieproofError(
            f"The move by {duration(by)} would take {number} steps, and {MOST_STEPS} is the most, since all open pages "
            f"run after each: give a longer one, as step={spelled(longer)}, or move a part of the way without awake."
        )


def backward(by: timedelta, instead: str) -> str:
    """Return the error text for a move backward by ``by``; ``instead`` says what to call."""
    return (
        f"The clock moves forward only, and {duration(by)} is backward: a browser that sees time go back behaves as "
        f"after a crash. Instead, {instead}."
    )


def forward_skew(browser: timedelta, site: timedelta) -> str:
    """Return, for an error text, the call of ``skew`` that moves forward and gives the same difference."""
    # The difference of two timedeltas may be larger than a timedelta can hold.
    ahead = browser // MICROSECOND - site // MICROSECOND
    if not ahead:
        return EARLIER
    by = timedelta(microseconds=min(abs(ahead), timedelta.max // MICROSECOND))
    offset = "browser" if ahead > 0 else "site"
    return f"say clock.skew({offset}={spelled(by)}), after which the two disagree by as much"
