"""The bodies of requests and answers, which are kept only while somebody asks for it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator


class Bodies:
    """Keeps what is passed on of each request and its answer; the recording numbers them."""

    def __init__(self) -> None:
        self._is_on = False
        self._kept: dict[tuple[int, bool], bytearray] = {}

    @contextlib.contextmanager
    def keeping(self) -> Iterator[None]:
        """For this block, keep the bodies."""
        self._is_on = True
        try:
            yield
        finally:
            self._is_on = False

    def of(self, number: int | None, *, asked: bool = False) -> bytearray | None:
        """Return where the body of the answer of this number is to be kept; None if it is not.

        With ``asked``, that of the request.
        """
        if number is None or not self._is_on:
            return None
        return self._kept.setdefault((number, asked), bytearray())

    def take(self, number: int, *, asked: bool = False) -> bytes | None:
        """Return the body of this number, and forget it; None if it was not kept."""
        kept = self._kept.pop((number, asked), None)
        return None if kept is None else bytes(kept)
