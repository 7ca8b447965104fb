"""Formats values for people: on one line, cut if they are long, without a terminal's control characters."""

from __future__ import annotations

import hashlib
from datetime import timedelta

LONGEST_VALUE = 80  # characters; what is longer is cut
FIRST_PART = 40
MICROSECOND = timedelta(microseconds=1)
# A unit of timedelta, and how many seconds it has.
UNITS = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}


def duration(time: timedelta) -> str:
    """Return the timedelta in words: ``730 days``, ``1 hour 30 minutes``, or ``300 milliseconds`` if below a second.

    A time of a second or more is rounded to whole seconds. A negative time begins with "-".
    """
    sign, microseconds = "-" if time < timedelta(0) else "", abs(time) // MICROSECOND
    if 0 < microseconds < 1_000_000:
        return f"{sign}{counted(microseconds / 1000, 'millisecond')}"
    left, parts = (microseconds + 500_000) // 1_000_000, list[str]()
    for unit, length in UNITS.items():
        count, left = divmod(left, length)
        parts += [counted(count, unit.removesuffix("s"))] if count else []
    return sign + " ".join(parts or ["0 seconds"])


def counted(count: float, what: str) -> str:
    """Return the count with the noun ``what``, which is in the singular: ``1 check``, ``0 checks``, ``2.5 seconds``."""
    return f"{count} {what}s".replace(".0 ", " ") if count != 1 else f"1 {what}"


def spelled(time: timedelta) -> str:
    """Return the timedelta as Python code, in the largest unit that gives a whole number: ``timedelta(minutes=90)``."""
    if time in (timedelta.min, timedelta.max):
        return f"timedelta.{'min' if time == timedelta.min else 'max'}"
    for unit in UNITS:
        if not time % timedelta(**{unit: 1}):
            return f"timedelta({unit}={time // timedelta(**{unit: 1})})"
    return f"timedelta(microseconds={time // MICROSECOND})"


def printable(text: str, keep: str = "") -> str:
    """Return the text with control characters and lone surrogates escaped as in Python, except those in ``keep``."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() or each in keep else each.encode("unicode_escape").decode() for each in text
    )


def shown(value: str) -> str:
    """Return the value on one line, if longer than 80 as ``first part… (2000 characters, sha256 1a2b3c4d)``.

    The digest is the first 8 hexadecimal digits of SHA-256 of the value in UTF-8: it shows whether two values with the
    same first part are equal.
    """
    if len(value) <= LONGEST_VALUE:
        return printable(value)
    digest = hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{printable(value[:FIRST_PART])}… ({len(value)} characters, sha256 {digest})"


def shown_header(header: str) -> str:
    """Return a ``Cookie`` or ``Set-Cookie`` header with each value cut as ``shown`` cuts it."""
    pairs = [part.partition("=") for part in header.split(";")]
    return ";".join(f"{shown(name)}{equals}{shown(value)}" for name, equals, value in pairs)


def quoted(value: object) -> str:
    """Return the value's ``repr()``, cut as ``shown`` cuts it; if ``repr()`` fails, only the value's type."""
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        return f"'{shown(value)}'"
    try:
        return shown(repr(value))
    except Exception:  # a __repr__ of the test's that fails, or an integer of more than 4300 digits
        return f"a value of the type {type(value).__name__}"


def literal(text: str) -> str:
    """Return the text as a Python string in double quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{printable(escaped)}"'
