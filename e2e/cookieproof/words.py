"""How the harness says values to a person: on one line, not too long, and without what a terminal would obey."""

from __future__ import annotations

import hashlib
from datetime import timedelta

LONGEST_VALUE = 80  # characters; what is longer is cut
FIRST_PART = 40
MICROSECOND = timedelta(microseconds=1)
# A unit of timedelta, and how many seconds it has.
UNITS = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}


def duration(time: timedelta) -> str:
    """``730 days``, ``1 hour 30 minutes``, to the second; what is shorter than one is ``300 milliseconds``.

    What is negative begins with "-".
    """
    sign, microseconds = "-" if time < timedelta(0) else "", abs(time) // MICROSECOND
    if 0 < microseconds < 1_000_000:
        return f"{sign}{_counted(microseconds / 1000, 'milliseconds')}"
    left, parts = (microseconds + 500_000) // 1_000_000, list[str]()
    for unit, length in UNITS.items():
        count, left = divmod(left, length)
        parts += [_counted(count, unit)] if count else []
    return sign + " ".join(parts or ["0 seconds"])


def _counted(count: float, unit: str) -> str:
    return f"{count} {unit}".replace(".0 ", " ") if count != 1 else f"1 {unit.removesuffix('s')}"


def spelled(time: timedelta) -> str:
    """The timedelta in Python, in the largest unit of which it is a whole number: ``timedelta(minutes=90)``."""
    if time in (timedelta.min, timedelta.max):
        return f"timedelta.{'min' if time == timedelta.min else 'max'}"
    for unit in UNITS:
        if not time % timedelta(**{unit: 1}):
            return f"timedelta({unit}={time // timedelta(**{unit: 1})})"
    return f"timedelta(microseconds={time // MICROSECOND})"


def printable(text: str, keep: str = "") -> str:
    """The text with what cannot be printed (control characters, lone surrogates) escaped as in Python, but ``keep``."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() or each in keep else each.encode("unicode_escape").decode() for each in text
    )


def shown(value: str) -> str:
    """The value for a failure or a report: a long one is cut, to ``first part… (2000 characters, sha256 1a2b3c4d)``.

    Two values that are cut alike are the same if their digests are: the first 8 digits of that of the value in UTF-8.
    """
    if len(value) <= LONGEST_VALUE:
        return printable(value)
    digest = hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{printable(value[:FIRST_PART])}… ({len(value)} characters, sha256 {digest})"


def shown_header(header: str) -> str:
    """A ``Cookie`` or ``Set-Cookie`` header with each value cut as ``shown`` cuts it."""
    pairs = [part.partition("=") for part in header.split(";")]
    return ";".join(f"{shown(name)}{equals}{shown(value)}" for name, equals, value in pairs)


def quoted(value: object) -> str:
    """The value as Python spells it, cut as ``shown`` cuts it; only its type if it cannot be spelled."""
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        return f"'{shown(value)}'"
    try:
        return shown(repr(value))
    except Exception:  # another's __repr__, or an integer of more than 4300 digits
        return f"a value of the type {type(value).__name__}"


def literal(text: str) -> str:
    """The text as a string of Python in double quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{printable(escaped)}"'
