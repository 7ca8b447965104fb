"""The base class of all expectations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import timedelta

from cookieproof.errors import CookieproofError
from cookieproof.promises.cookie_state import CookieState
from cookieproof.promises.judging import Failure
from cookieproof.words import quoted


class Expectation(ABC):
    """A promise about one cookie; ``expect_cookie(…).to(expectation)`` waits until it is kept.

    ``check`` judges by what the browser holds and sends at one moment, and may be called any number of times. An
    expectation never holds vacuously: something must show that there was something to expect.

    If ``needs_network_idle``, a result counts only once the network of the page is idle. If ``is_final``, a failure is
    not retried. ``watched`` is for how long the expectation must hold after that.
    """

    needs_network_idle: bool = False
    is_final: bool = False
    watched: timedelta = timedelta(0)

    @abstractmethod
    def check(self, state: CookieState) -> Failure | None:
        """Return None if the expectation holds; else a ``Failure`` with what is wrong, and why, if that is known."""


def need_timedelta(method: str, **times: object) -> None:
    """Raise ``CookieproofError`` for an argument of ``method`` that is no timedelta."""
    for name, value in times.items():
        if not isinstance(value, timedelta):
            raise CookieproofError(f"{method}({name}={quoted(value)}) takes a timedelta, as timedelta(days=7).")
