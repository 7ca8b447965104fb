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
    """Says why something does not work on this machine or in this browser: pytest skips, a command prints it."""


class WaitedInVain(CookieproofError):
    """Raised by ``wait_until``: the condition was not true before the deadline."""


def near_miss(name: str, choices: Iterable[str]) -> str | None:
    """Return the choice whose spelling is nearest to ``name``; None if none is near."""
    # Names that differ only in case or punctuation come first: "Itcast_1" for "Itcast1", not "Itcast_3".
    names = sorted(set(choices) - {name})
    twins = [choice for choice in names if _letters(choice) == _letters(name)]
    return next(iter(twins or difflib.get_close_matches(name, names, n=1)), None)


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """Return ``' Did you mean "Itcast_1"?'`` if ``name`` is near to one of the choices, else an empty text."""
    near = near_miss(name, choices)
    return f' Did you mean "{shown(near)}"?' if near else ""


def _letters(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def wait_until(condition: Callable[[], T], what: str, seconds: float) -> T:
    """Call ``condition`` every 10 ms until it returns something true, and return that.

    Raises ``WaitedInVain`` after so many seconds; its sentence says ``what`` was waited for.
    """
    deadline = time.monotonic() + seconds
    while True:
        if result := condition():
            return result
        if time.monotonic() > deadline:
            raise WaitedInVain(f"Waited {seconds:g} s in vain for {what}.")
        time.sleep(0.01)
