"""Whether the values of some sessions are too weak: it can be proven that they are, and never that they are not."""

from __future__ import annotations

import functools
import itertools
import math
import re
from collections.abc import Sequence

BITS = 128  # ASVS 5.0.0, 7.2.3 and 11.5.1
MOST_STEP = 1 << 32  # a counter's largest step from one sign-in to the next
# Alphabets from the smallest, and how many bits a character of each holds.
ALPHABETS = (("0-9", math.log2(10)), ("0-9a-f", 4), ("0-9A-F", 4), ("0-9a-z", math.log2(36)), ("A-Za-z0-9+/=_-", 6))
OTHER_BITS = math.log2(94)  # printable characters
SEPARATORS = re.compile(r"[.:|~$]")


def weakness(values: Sequence[str]) -> str:
    """Return why these values, in the order in which they were made, are too weak; an empty text if nothing shows it.

    What is equal in all of them is cut off first: a prefix, or the claims of a token.
    """
    if len(set(values)) < len(values):
        return "one value came twice"
    fields = _fields(values)
    for field in fields:
        if why := _counts(field):
            return why
    bits = sum(map(_bits, fields))
    if bits < BITS:
        rest = ", ".join(field[-1] for field in fields)
        return f"what differs ({rest}) has room for {bits:.0f} bits, fewer than {BITS}"
    return ""


def _fields(values: Sequence[str]) -> list[list[str]]:
    """Cut the values at separators, and each field where all have the same; what differs is left."""
    parts = [SEPARATORS.split(value) for value in values]
    columns = [*zip(*parts, strict=True)] if len({len(each) for each in parts}) == 1 else [tuple(values)]
    return [_differing(column) for column in columns if len(set(column)) > 1]


def _differing(column: Sequence[str]) -> list[str]:
    if len({len(each) for each in column}) == 1:
        # A digit of a counter stays; in a random value a place that is the same in all of them is no chance.
        kept = [place for place in zip(*column, strict=True) if len(set(place)) > 1]
        first = next(at for at, place in enumerate(zip(*column, strict=True)) if len(set(place)) > 1)
        if all(each[first:].isdigit() for each in column):
            return [each[first:] for each in column]
        return ["".join(letters) for letters in zip(*kept, strict=True)]
    before = _alike(column)
    after = _alike([each[before:][::-1] for each in column])
    return [each[before : len(each) - after] for each in column]


def _alike(texts: Sequence[str]) -> int:
    """Return how many letters all texts begin with."""
    return sum(1 for _ in itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False)))


def _counts(field: Sequence[str]) -> str:
    numbers = [int(each) for each in field if each.isdigit()]
    if len(numbers) < len(field) or len(field) < 3:
        return ""
    steps = [after - before for before, after in itertools.pairwise(numbers)]
    if all(0 < step < MOST_STEP for step in steps):
        return f"it counts up ({', '.join(map(str, numbers[:3]))}, …)"
    if (divisor := functools.reduce(math.gcd, steps)) > 1:
        return f"all values differ by a multiple of {divisor}"
    return ""


def _bits(field: Sequence[str]) -> float:
    letters = "".join(field)
    per_letter = next((bits for letters_of, bits in ALPHABETS if re.fullmatch(f"[{letters_of}]*", letters)), OTHER_BITS)
    return per_letter * min(map(len, field))
