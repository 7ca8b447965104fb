"""What ``apps/says.py`` is asked to answer, and what is said of a promise that is broken there."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest


def say(*lines: str, path: str = "/say", **more: str) -> str:
    """The path that is answered with these Set-Cookie headers."""
    return f"{path}?{urlencode([*(('c', line) for line in lines), *more.items()], quote_via=quote)}"


def fails(promise: Callable[[], None], *words: str) -> None:
    """The promise is broken, and these words are said, in the first line unless they are evidence."""
    with pytest.raises(AssertionError) as failure:
        promise()
    for each in words:
        assert each in str(failure.value), failure.value
