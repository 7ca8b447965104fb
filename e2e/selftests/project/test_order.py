"""What takes long comes first in each worker's part, so that none works alone at the end"""

import itertools

import pytest

from tests.support.order import dealt

LONG = [["a"], ["b", "b2"], ["c"], ["d"]]


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
@pytest.mark.parametrize("count", [0, 1, 20])
def test_each_part_begins_with_its_share_and_nothing_is_lost(workers: int, count: int) -> None:
    others = [f"other-{number}" for number in range(count)]
    order = dealt(LONG, others, workers)
    assert sorted(order) == sorted([*itertools.chain(*LONG), *others])
    assert [each for each in order if each in others] == others
    if count == 20:  # there is room for all that is proven together
        assert order.index("b2") == order.index("b") + 1


def test_three_workers_have_parts_of_one_length() -> None:
    order = dealt(LONG, [*map(str, range(10))], 3)
    assert [order[at : at + 5] for at in (0, 5, 10)] == [
        ["a", "d", "0", "1", "2"],
        ["b", "b2", "3", "4", "5"],
        ["c", "6", "7", "8", "9"],
    ]


def test_what_does_not_fit_into_one_part_keeps_no_other_worker_waiting() -> None:
    audit = [f"audit-{number}" for number in range(8)]
    order = dealt([audit], ["0", "1", "2", "3"], 2)
    assert order == [*audit[:6], "0", "1", "2", "3", *audit[6:]]
