"""When the browser says that a cookie ends, and what fails when a browser does otherwise than it used to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cookieproof import Visitor

Declared = Callable[[str], Any]


def end_of(visitor: Visitor, name: str) -> datetime:
    """When the browser is going to forget the cookie."""
    expires = visitor.stored[name].expires
    assert expires, f"{name} ends with the browser"
    return expires


def canary(holds: bool, *, used_to: str, affects: str) -> None:
    """Fail with what the browser used to do and which promise changes with it."""
    assert holds, f"The browser changed. It used to {used_to}. This affects: {affects}."
