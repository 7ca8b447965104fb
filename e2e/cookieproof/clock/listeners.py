"""Keeps the callbacks that ``Clock.on_move`` registers, and calls them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from cookieproof.clock.moves import AwakePages, Move, Offset


class Listeners:
    """The callbacks that are registered by ``Clock.on_move`` at present."""

    def __init__(self) -> None:
        self._checks: list[Callable[[tuple[Offset, ...]], None]] = []
        self._before: list[Callable[[], None]] = []
        self._living: list[AwakePages] = []
        self._after: list[Callable[[Move], None]] = []

    @contextlib.contextmanager
    def having(
        self,
        check: Callable[[tuple[Offset, ...]], None] | None,
        before: Callable[[], None] | None,
        living: AwakePages | None,
        after: Callable[[Move], None] | None,
    ) -> Iterator[None]:
        """Register these callbacks for this block."""
        lists: list[list[Any]] = [self._checks, self._before, self._living, self._after]
        added = [(those, each) for those, each in zip(lists, (check, before, living, after), strict=True) if each]
        for those, each in added:
            those.append(each)
        try:
            yield
        finally:
            for those, each in added:
                those.remove(each)

    def check(self, offsets: tuple[Offset, ...]) -> None:
        for check in [*self._checks]:
            check(offsets)

    def wait(self) -> None:
        """Call each ``before()``: before a move, and after each step of an ``awake`` one."""
        for wait in [*self._before]:
            wait()

    def prepare(self) -> None:
        """Prepare the pages for a step of an ``awake`` move."""
        for each in [*self._living]:
            each.prepare()

    def live(self, step: timedelta) -> None:
        """Have the pages live through the step that was made."""
        for each in [*self._living]:
            each.live(step)

    def tell(self, move: Move) -> None:
        for tell in [*self._after]:
            tell(move)
