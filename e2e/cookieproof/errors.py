"""The errors that the harness raises, and the one function by which it waits with a deadline."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from cookieproof.words import shown

__tracebackhide__ = True  # a failure points at the line of the test

T = TypeVar("T")


class CookieproofError(Exception):
    """An error that one or two sentences explain: what is wrong, and what to do next.

    The plugin shows only the sentences, without a traceback.
    """


class Unsupported(CookieproofError):
    """Raised for what this machine or browser cannot do: pytest skips the test, a command prints the reason."""


class DeadlineExceeded(CookieproofError):
    """Raised by ``wait_until`` if the condition is not true before the deadline."""


def nearest_name(name: str, choices: Iterable[str]) -> str | None:
    """Return the choice whose spelling is most similar to ``name``; None if no choice is similar."""
    # Names that differ only in case or punctuation come first: "Itcast_1" for "Itcast1", not "Itcast_3".
    names = sorted(set(choices) - {name})
    same_letters = [choice for choice in names if _letters(choice) == _letters(name)]
    return next(iter(same_letters or difflib.get_close_matches(name, names, n=1)), None)


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """Return ``' Did you mean "Itcast_1"?'`` if a choice is spelled similarly to ``name``, else an empty text."""
    near = nearest_name(name, choices)
    return f' Did you mean "{shown(near)}"?' if near else ""


def _letters(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def wait_until(condition: Callable[[], T], what: str, seconds: float) -> T:
    """Call ``condition`` every 10 ms until it returns a true value, and return that value.

    Raises ``DeadlineExceeded`` after ``seconds``. Its sentence says what was waited for: ``what``.
    """
    deadline = time.monotonic() + seconds
    while True:
        if result := condition():
            return result
        if time.monotonic() > deadline:
            raise DeadlineExceeded(f"Waited {seconds:g} s in vain for {what}.")
        time.sleep(0.01)
