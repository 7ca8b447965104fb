"""What the harness says when something is wrong, and the one way it waits."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from cookieproof.words import shown

__tracebackhide__ = True  # a failure points at the line of the test

T = TypeVar("T")


class CookieproofError(Exception):
    """Something that one or two sentences explain: what is wrong, and what to do next.

    The plugin shows only the sentences, without a traceback.
    """


class Unsupported(CookieproofError):
    """A reason why something cannot be had here: a skip for pytest, a sentence for a command."""


class WaitedInVain(CookieproofError):
    """What was waited for did not come before the deadline."""


def near_miss(name: str, choices: Iterable[str]) -> str | None:
    """The choice that was probably meant, None if none comes near."""
    # Names that differ only in case or punctuation come first: "Itcast_1" for "Itcast1", not "Itcast_3".
    names = sorted(set(choices) - {name})
    twins = [choice for choice in names if _letters(choice) == _letters(name)]
    return next(iter(twins or difflib.get_close_matches(name, names, n=1)), None)


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """``' Did you mean "Itcast_1"?'`` for a near miss of a choice, an empty text otherwise."""
    near = near_miss(name, choices)
    return f' Did you mean "{shown(near)}"?' if near else ""


def _letters(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def wait_until(condition: Callable[[], T], what: str, seconds: float) -> T:
    """Poll until the condition is true, and return what it returned.

    Raises ``WaitedInVain`` with a sentence that says what was waited for, and how many seconds.
    """
    deadline = time.monotonic() + seconds
    while True:
        if result := condition():
            return result
        if time.monotonic() > deadline:
            raise WaitedInVain(f"Waited {seconds:g} s in vain for {what}.")
        time.sleep(0.01)
