"""Orders the tests of a run with pytest-xdist, so that its workers do not wait for what another proves."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TypeVar

import pytest

from cookieproof.plugin.stash import DISTRIBUTION
from cookieproof.plugin.together import units

T = TypeVar("T")


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Have one worker begin with tests that are proven together: in another they would wait for the first of them."""
    yield
    worker: dict[str, str | int] = getattr(config, "workerinput", {})
    if worker.get(DISTRIBUTION) == "worksteal":
        of_all = units(items)
        others = [unit[0] for unit in of_all if len(unit) == 1]
        items[:] = dealt([unit for unit in of_all if len(unit) > 1], others, int(worker["workercount"]))
    elif worker.get(DISTRIBUTION) == "load":  # gives away a few tests at a time, from the beginning
        of_all = units(items)
        items[:] = [unit[0] for unit in of_all] + [test for unit in of_all for test in unit[1:]]


def dealt(long: Sequence[Sequence[T]], others: Sequence[T], workers: int) -> list[T]:
    """Return all tests in one order, of which each worker's part begins with its share of the long ones.

    ``--dist worksteal`` gives each of ``workers`` a part of about equal length, one after the other. ``long`` has the
    tests that take long, in one list those of which the first does the work for all. What of these does not fit into
    one part stands at the ends of others.
    """
    lengths, left = list[int](), len(others) + sum(map(len, long))
    for number in range(workers):  # as xdist has it: what does not divide evenly goes to the last workers
        lengths.append(left // (workers - number))
        left -= lengths[-1]
    shares = [[test for unit in long[number::workers] for test in unit] for number in range(workers)]
    begins = [share[:length] for share, length in zip(shares, lengths, strict=True)]
    rooms = [length - len(begin) for begin, length in zip(begins, lengths, strict=True)]
    rest = [*others]
    ends = [test for share, length in zip(shares, lengths, strict=True) for test in share[length:]]
    order, room_so_far, given = list[T](), 0, 0
    for begin, room in zip(begins, rooms, strict=True):
        room_so_far += room
        number = len(others) * room_so_far // (sum(rooms) or 1) - given
        given += number
        order += [*begin, *rest[:number], *ends[: room - number]]
        del rest[:number], ends[: room - number]
    return order
