"""The fixture ``new_visitor``, which makes visitors."""

from __future__ import annotations

from typing import Protocol

from cookieproof.visitor.visitor import Visitor


class NewVisitor(Protocol):
    """The fixture ``new_visitor``: each call makes one more visitor, with a browser profile of its own."""

    def __call__(self, *, restores_session: bool | str = False) -> Visitor:
        """Return a visitor whose browser restores its last session, if ``restores_session``.

        True or "setting" is by the browser's setting, "flag" by a command-line flag.
        """
