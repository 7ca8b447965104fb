"""The order of the tests under pytest-xdist, so that its workers end at about the same time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def dealt(long: Sequence[Sequence[T]], others: Sequence[T], workers: int) -> list[T]:
    """Return all tests in one order, of which each worker's part begins with its share of the long ones.

    ``--dist worksteal`` gives each of ``workers`` a part of equal length, one part after the other. ``long`` has the
    tests that take long, in one list those of which the first does the work for all. What of these does not fit into
    one part comes last of all: at the beginning of another part it would wait for the first, and its worker with it.
    """
    total, order, spilled = len(others) + sum(map(len, long)), list[T](), list[T]()
    parts = []
    for number in range(workers):
        length = total * (number + 1) // workers - total * number // workers
        share = [test for unit in long[number::workers] for test in unit]
        parts.append((length, share[:length]))
        spilled += share[length:]
    rest = [*others, *spilled]
    for length, share in parts:
        room = length - len(share)
        order += [*share, *rest[:room]]
        del rest[:room]
    return order
