"""The order of the tests under pytest-xdist, so that its workers end at about the same time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def dealt(long: Sequence[Sequence[T]], others: Sequence[T], workers: int) -> list[T]:
    """Return all tests in one order, of which each worker's part begins with its share of the long ones.

    ``--dist worksteal`` gives each of ``workers`` a part of equal length, one part after the other. ``long`` has the
    tests that take long, in one list those that one worker has to run. One that begins late keeps a single worker busy.
    """
    total, order, rest = len(others) + sum(map(len, long)), list[T](), [*others]
    for number in range(workers):
        share = [test for unit in long[number::workers] for test in unit]
        room = max((total - len(order)) // (workers - number) - len(share), 0)
        order += [*share, *rest[:room]]
        del rest[:room]
    return order
