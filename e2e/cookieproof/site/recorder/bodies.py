"""Keeps the bodies of responses, while a caller asks for it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator


class Bodies:
    """Keeps the bodies of the site's responses, by the recording's numbers of requests."""

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
        """Return the buffer for the response body of this request number; None if bodies are not kept."""
        if number is None or not self._is_on:
            return None
        return self._kept.setdefault(number, bytearray())

    def take(self, number: int) -> bytes | None:
        """Return the kept body of this request number, and forget it; None if it was not kept."""
        kept = self._kept.pop(number, None)
        return None if kept is None else bytes(kept)
