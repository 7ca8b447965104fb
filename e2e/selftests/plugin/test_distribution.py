"""Workers of pytest-xdist end at about the same time, and none waits for what another proves"""

import itertools

import pytest

from cookieproof.plugin.distribution import dealt
from selftests.support.project import Project

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
    assert dealt([audit], ["0", "1", "2", "3"], 2) == [*audit[:6], "0", "1", "2", "3", *audit[6:]]
    assert dealt([audit], ["0", "1", "2", "3"], 4) == [
        *audit[:3],
        *["0", *audit[3:5]],
        *["1", *audit[5:7]],
        *["2", "3", audit[7]],
    ]


def test_parts_are_those_that_xdist_gives() -> None:
    """With one test more, a worker would begin with what the worker before it proves."""
    pending = list(range(10))
    given = [[pending.pop(0) for _ in range(len(pending) // left)] for left in (4, 3, 2, 1)]  # as check_schedule does
    order = dealt([["a", "a2"], ["b", "b2", "b3"]], [*"12345"], 4)
    assert [[order[at] for at in part] for part in given] == [
        ["a", "a2"],
        ["b", "b2"],
        ["1", "2", "b3"],
        ["3", "4", "5"],
    ]


TESTS = """
import pytest

@pytest.mark.proven_together("requirement")
@pytest.mark.parametrize("requirement", range(6))
def test_audit(requirement, request):
    pass

@pytest.mark.parametrize("n", range(2))
def test_other(n):
    pass
"""
TELLS_ORDER = """
import pathlib

def pytest_collection_finish(session):
    if hasattr(session.config, "workerinput"):
        pathlib.Path("order").write_text("\\n".join(each.name for each in session.items))
"""
AUDIT, OTHERS = [f"test_audit[{number}]" for number in range(6)], [f"test_other[{number}]" for number in range(2)]


@pytest.mark.parametrize(
    ("dist", "order"),
    [
        ("worksteal", [*AUDIT[:4], *OTHERS, *AUDIT[4:]]),
        ("load", [AUDIT[0], *OTHERS, *AUDIT[1:]]),
        ("loadfile", [*AUDIT, *OTHERS]),
    ],
)
def test_what_is_proven_together_is_begun_first_by_one_worker(dist: str, order: list[str], project: Project) -> None:
    project.test(TESTS)
    (project.folder / "conftest.py").write_text(TELLS_ORDER)
    project.run("--site", "app:create_app", "-n", "2", "--dist", dist).assert_outcomes(passed=8)
    assert (project.folder / "order").read_text().split() == order
