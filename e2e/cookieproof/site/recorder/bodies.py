"""The bodies of answers, which are kept only while somebody asks for it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator


class Bodies:
    """Keeps what is passed on of each answer; the recording numbers them."""

    def __init__(self) -> None:
        self._is_on = False
        self._kept: dict[int, bytearray] = {}

    @contextlib.contextmanager
    def keeping(self) -> Iterator[None]:
        """For this block, keep the bodies of the answers."""
        self._is_on = True
        try:
            yield
        finally:
            self._is_on = False

    def of(self, number: int | None) -> bytearray | None:
        """Return where the body of the answer of this number is to be kept; None if it is not."""
        if number is None or not self._is_on:
            return None
        return self._kept.setdefault(number, bytearray())

    def take(self, number: int) -> bytes | None:
        """Return the body of this number, and forget it; None if it was not kept."""
        kept = self._kept.pop(number, None)
        return None if kept is None else bytes(kept)
