"""Keeps the callbacks that ``Clock.on_move`` registers, and calls them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from cookieproof.clock.moves import AwakePages, Move, Offset


class Listeners:
    """The callbacks that ``Clock.on_move`` has registered."""

    def __init__(self) -> None:
        self._checks: list[Callable[[tuple[Offset, ...]], None]] = []
        self._before: list[Callable[[], None]] = []
        self._awake_pages: list[AwakePages] = []
        self._after: list[Callable[[Move], None]] = []

    @contextlib.contextmanager
    def registered(
        self,
        check: Callable[[tuple[Offset, ...]], None] | None,
        before: Callable[[], None] | None,
        awake_pages: AwakePages | None,
        after: Callable[[Move], None] | None,
    ) -> Iterator[None]:
        """Register these callbacks for this block."""
        lists: list[list[Any]] = [self._checks, self._before, self._awake_pages, self._after]
        added = [
            (callbacks, each)
            for callbacks, each in zip(lists, (check, before, awake_pages, after), strict=True)
            if each
        ]
        for callbacks, each in added:
            callbacks.append(each)
        try:
            yield
        finally:
            for callbacks, each in added:
                callbacks.remove(each)

    def check(self, offsets: tuple[Offset, ...]) -> None:
        for check in [*self._checks]:
            check(offsets)

    def wait(self) -> None:
        """Call each ``before()``: before a move, and after each step of an ``awake`` one."""
        for wait in [*self._before]:
            wait()

    def prepare(self) -> None:
        """Call ``prepare`` of all awake pages, before a step of an ``awake`` move."""
        for each in [*self._awake_pages]:
            each.prepare()

    def live(self, step: timedelta) -> None:
        """Call ``live`` of all awake pages, after a step of an ``awake`` move."""
        for each in [*self._awake_pages]:
            each.live(step)

    def notify(self, move: Move) -> None:
        for after in [*self._after]:
            after(move)
