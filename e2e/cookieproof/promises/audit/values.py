"""Whether the values of some sessions are too weak: it can be proven that they are, and never that they are not."""

from __future__ import annotations

import functools
import itertools
import math
import re
from collections.abc import Sequence
from urllib.parse import unquote

from cookieproof.promises.audit.decoding import fields_of, octets_of

BITS = 128  # ASVS 5.0.0, 7.2.3 and 11.5.1
MOST_STEP = 1 << 32  # a counter's largest step from one sign-in to the next
# Bits. What random values would show by chance, too, but in fewer than 1 of 2 ** 32 audits, is taken for no chance.
CERTAIN = 32
# Alphabets from the smallest: how many letters each has.
DECIMAL, HEXADECIMAL, UPPER = "0123456789", "0123456789abcdef", "0123456789ABCDEF"
SMALL = "0123456789abcdefghijklmnopqrstuvwxyz"
BASE64 = f"{SMALL}ABCDEFGHIJKLMNOPQRSTUVWXYZ+/=_-"
ALPHABETS = ((DECIMAL, 10), (HEXADECIMAL, 16), (UPPER, 16), (SMALL, 36), (BASE64, 64))
PRINTABLE, OCTETS = 94, 256
UUID, UUID_BITS = (
    re.compile(r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
    122,
)  # RFC 9562
Field = Sequence[str]


def weakness(values: Sequence[str]) -> str:
    """Return why these values, in the order in which they were made, are too weak; an empty text if nothing shows it.

    They are decoded first, and what is equal in all of them is cut off: a prefix, or the claims of a token. What counts
    adds nothing to the room that is left.
    """
    if len(set(values)) < len(values):
        return "one value came twice"
    if len(values) < 2:
        return ""
    fields = fields_of([unquote(value.strip('"')).removeprefix("Bearer ") for value in values])
    found = [_room(field) for field in fields]
    bits = sum(room for room, _ in found)
    if bits >= BITS:
        return ""
    rest = ", ".join(_differing(field)[-1] for field in fields)
    counting = next((why for _, why in found if why), "")
    return counting or f"what differs ({rest}) has room for {bits:.0f} bits, fewer than {BITS}"


def _room(field: Field) -> tuple[float, str]:
    """Return for how many bits a field has room, and a sentence of how it counts; an empty text if it does not."""
    if all(map(UUID.fullmatch, field)):
        most, why = _counting(field)
        return min(most, UUID_BITS), why
    most, why = _counting(field := _without_repetition(field))
    bits = min(most, _bits(field, _size(field)))
    if (octets := octets_of(field)) is not None:
        texts = _without_repetition([each.decode("latin-1") for each in octets])
        numbers = [int.from_bytes(each.encode("latin-1"), "big") for each in texts]
        most, how = _counting_of(numbers, 8 * min(map(len, texts)))
        return min(bits, most, _bits(texts, OCTETS)), why or how
    return bits, why


def _size(field: Field) -> int:
    """Return how many letters the alphabet of the field has."""
    letters = {*"".join(field)}
    return next((size for alphabet, size in ALPHABETS if letters <= {*alphabet}), PRINTABLE)


def _counting(field: Field) -> tuple[float, str]:
    """Return the most bits for which a field has room that counts, and a sentence of how it counts.

    Infinity and an empty text if it does not count.
    """
    for digits in (DECIMAL, HEXADECIMAL, UPPER):
        if numerals := _numerals(field, digits):
            numbers = [int(each, len(digits)) for each in numerals]
            found = _counting_of(numbers, max(map(len, numerals)) * math.log2(len(digits)), numerals)
            if found[1]:
                return found
    return math.inf, ""


def _numerals(field: Field, digits: str) -> list[str]:
    """Return the numbers that stand between what is equal in all values; none if there are not only such."""
    start, end = _alike(field), _alike([each[::-1] for each in field])
    end = min(end, min(map(len, field)) - start)
    while start and field[0][start - 1] in digits:
        start -= 1
    found = [each[start : len(each) - end] for each in field]
    return found if all(found) and {*"".join(found)} <= {*digits} else []


def _counting_of(numbers: Sequence[int], bits: float, shown: Sequence[str] = ()) -> tuple[float, str]:
    """Return what ``_counting`` does, of numbers with room for so many bits each; ``shown`` is how they are quoted.

    Few or short random numbers may rise by chance: that is not taken for counting.
    """
    steps = [after - before for before, after in itertools.pairwise(numbers)]
    few = ", ".join(shown[:3] or [f"{each:x}" for each in numbers[:3]])
    largest = max(map(abs, steps), default=0)
    if len(steps) > 1 and largest < MOST_STEP and len(steps) * (bits - math.log2(largest + 1)) >= CERTAIN:
        if all(step >= 0 for step in steps):
            return 0, f"it counts up ({few}, …)"
        if all(step <= 0 for step in steps):
            return 0, f"it counts down ({few}, …)"
    seconds = {(after - before) % (1 << math.ceil(bits)) for before, after in itertools.pairwise(steps)}
    if seconds == {0} and (len(steps) - 1) * bits >= CERTAIN:
        return 0, f"all steps from one value to the next are equal ({few}, …)"
    divisor = functools.reduce(math.gcd, steps, 0)
    if divisor > 1 and (len(steps) - 1) * math.log2(divisor) >= CERTAIN:
        return bits - math.log2(divisor), f"all values differ by a multiple of {divisor}"
    return math.inf, ""


def _bits(field: Field, size: int) -> float:
    """Return for how many bits there is room in what varies, with an alphabet of this size.

    A place is the n-th letter of each value. One that is the same as another place adds nothing, and one where few
    different letters stand adds little.
    """
    texts, per_letter = _differing(field), math.log2(size)
    places = [*zip(*(each[: min(map(len, texts))] for each in texts), strict=True)]
    if len(texts) * per_letter >= CERTAIN + 2 * math.log2(len(places) + 1):
        places = [*dict.fromkeys(places)]
    return sum(_bits_of(place, size) for place in places)


def _bits_of(place: Sequence[str], size: int) -> float:
    """Return for how many bits one place has room, by the letters that stand there."""
    return math.log2(_most_letters(len(set(place)), len(place), size))


@functools.cache
def _most_letters(seen: int, values: int, size: int) -> int:
    """Return the size of the largest alphabet, at most ``size``, with which this may have come by chance.

    That is: so many values have only ``seen`` different letters in one place.
    """
    for letters in range(size, seen, -1):
        if math.log2(math.comb(letters, seen)) + values * math.log2(seen / letters) >= -CERTAIN:
            return letters
    return seen


def _without_repetition(field: Field) -> Field:
    """Return the shortest blocks of which each value is a repetition, after what all begin with; else the field."""
    differing = _differing(field)
    if len(lengths := set(map(len, differing))) != 1:
        return field
    length = lengths.pop()
    for size in range(1, length // 2 + 1):
        if length % size == 0 and all(each == each[:size] * (length // size) for each in differing):
            return [each[:size] for each in differing]
    return field


def _differing(field: Field) -> list[str]:
    """Cut off what all values begin and end with, and runs that all have, if that is no chance."""
    certain = CERTAIN / (max(len(field) - 1, 1) * math.log2(_size(field)))
    before, after = _alike(field), 0
    before = before if before >= certain else 0
    cut = [each[before:] for each in field]
    after = _alike([each[::-1] for each in cut])
    after = after if after >= certain else 0
    cut = [each[: len(each) - after] for each in cut]
    if len(set(map(len, cut))) != 1:
        return cut
    kept: list[tuple[str, ...]] = []
    for is_alike, run in itertools.groupby(zip(*cut, strict=True), lambda place: len(set(place)) == 1):
        places = [*run]
        kept += [] if is_alike and len(places) >= certain else places
    return ["".join(letters) for letters in zip(*kept, strict=True)] if kept else cut


def _alike(texts: Sequence[str]) -> int:
    """Return how many letters all texts begin with."""
    return sum(1 for _ in itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False)))
