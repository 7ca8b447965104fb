"""Takes the values of some sessions apart: at separators, and by what they encode."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

SEPARATORS = re.compile(r"[.:|~$]")
OF_TEXT = re.compile(r"[^0-9A-Za-z]+")  # separators in a text that was encoded
T = TypeVar("T")
SHORTEST = 6  # letters of a text that was encoded: random values and numbers decode to fewer by chance
DEEPEST = 4  # encodings within each other


def fields_of(values: Sequence[str], separators: re.Pattern[str] = SEPARATORS, depth: int = 0) -> list[Sequence[str]]:
    """Return the fields of which the values are made, each with its text in every value; what all have is left out."""
    parts = [separators.split(value) for value in values]
    columns: list[Sequence[str]] = [*zip(*parts, strict=True)] if len({*map(len, parts)}) == 1 else [tuple(values)]
    found: list[Sequence[str]] = []
    for column in columns:
        if len(set(column)) > 1:
            column = [each.rstrip("=") for each in column]  # padding of base64
            found += (_encoded(column, depth) if depth < DEEPEST else None) or [column]
    return found


def octets_of(field: Sequence[str]) -> list[bytes] | None:
    """Return what the texts are in hexadecimal or else in base64; None if not all of them are."""
    return next((found for decode in (bytes.fromhex, from_base64) if (found := _all(field, decode))), None)


def from_base64(text: str) -> bytes:
    """Decode base64 of either alphabet. Raises ``ValueError``."""
    text = text.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def _encoded(field: Sequence[str], depth: int) -> list[Sequence[str]] | None:
    """Return the fields of the text that the texts encode; None if they do not."""
    if (found := _all(field, _members)) is not None:
        names = {tuple(each) for each in found}
        if len(names) == 1:
            columns = [[each[name] for each in found] for name in names.pop()]
            return [each for column in columns for each in fields_of(column, OF_TEXT, depth + 1)]
    for decode in (bytes.fromhex, from_base64):
        if texts := _all(field, lambda text, decode=decode: _text(decode(text))):  # type: ignore[misc]
            return _encoded(texts, depth + 1) or fields_of(texts, OF_TEXT, depth + 1)
    return None


def _members(text: str) -> dict[str, str]:
    found = json.loads(text)
    if not isinstance(found, dict | list):
        raise ValueError
    return dict(_leaves(found, ""))


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict | list):
        for name, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(each, f"{path}/{name}")
    else:
        yield path, str(value)


def _text(octets: bytes) -> str:
    text = octets.decode()
    if len(text) < SHORTEST or not text.isprintable():
        raise ValueError
    return text


def _all(field: Sequence[str], decode: Callable[[str], T]) -> list[T] | None:
    """Return all of them decoded; None if one cannot be."""
    try:
        return [decode(each) for each in field]
    except (ValueError, binascii.Error, RecursionError):
        return None
