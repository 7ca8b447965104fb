"""What several runs say of one check: a failure is never hidden, and the clocks of two machines decide nothing"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cookieproof.report.files import read
from cookieproof.report.order import verdict_of_runs
from cookieproof.report.results import Attempt, Audited, Check, Machine, Run
from selftests.support.made_up import attempt, broken, check, left, run
from selftests.support.merged import killed, merge

ANOTHER = Machine("another-machine", "Linux x86_64", "3.11.7", 2)
EARLY, LATE = "2026-01-01T11:00:00.000000Z", "2026-01-01T13:00:00.000000Z"
FIRST_SHARD, SECOND_SHARD = {"shard": (1, 2)}, {"shard": (2, 2)}
Facts = dict[str, Any]


def merged(folder: Path, *tries: tuple[Run, str]) -> tuple[Check, int]:
    """One check of several runs, in which it failed ("x") or passed ("."), and the exit code of their merge."""
    folders = []
    for number, (each, outcome) in enumerate(tries):
        tried = broken(each) if outcome == "x" else attempt(each)
        folders.append(left(folder / f"{number}", each, [check(each, "check 1", tried)]))
    code = merge(*folders, output=folder / "merged", expect_shards=None if any(each.shard for each, _ in tries) else 1)
    [found] = read(folder / "merged").checks
    return found, code


@pytest.mark.parametrize("outcomes", ["x.", ".x"])
@pytest.mark.parametrize("started", [EARLY, LATE])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"machine": ANOTHER}),
        (FIRST_SHARD, SECOND_SHARD),
        (FIRST_SHARD, SECOND_SHARD | {"machine": ANOTHER}),
        ({"ci_run": "7", "attempt": 2}, {"machine": ANOTHER}),  # run again at a desk
    ],
    ids=["two machines", "two shards", "two shards on two machines", "a CI and a desk"],
)
def test_what_failed_and_passed_in_no_certain_order_is_flaky(
    first: Facts, second: Facts, started: str, outcomes: str, tmp_path: Path
) -> None:
    one, two = run(**first), run(**second | {"started": started})
    found, code = merged(tmp_path, (one, outcomes[0]), (two, outcomes[1]))
    assert (found.outcome, code) == ("flaky", 0)


@pytest.mark.parametrize(("outcomes", "verdict"), [("x.", "flaky"), (".x", "broken"), ("xx", "broken"), ("..", "kept")])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"attempt": 2, "machine": ANOTHER, "started": EARLY}),
        ({"ci_run": "7"}, {"ci_run": "7", "attempt": 2, "machine": ANOTHER, "started": EARLY}),
        (FIRST_SHARD, SECOND_SHARD | {"attempt": 2, "machine": ANOTHER, "started": EARLY}),
        ({}, {}),
    ],
    ids=["attempts", "attempts of a CI", "attempts of two shards", "one machine"],
)
def test_where_the_order_is_certain_the_last_run_decides(
    first: Facts, second: Facts, outcomes: str, verdict: str, tmp_path: Path
) -> None:
    one, two = run(**first), run(**second)
    for tries in ([(one, outcomes[0]), (two, outcomes[1])], [(two, outcomes[1]), (one, outcomes[0])]):
        found, _ = merged(tmp_path / outcomes / str(tries[0][0].id), *tries)
        assert found.outcome == verdict
        assert [each.run for each in found.attempts] == [one.id, two.id]


def test_an_hour_between_two_clocks_changes_no_verdict() -> None:
    facts = [*itertools.product((1, 2), (None, (1, 2), (2, 2)), (EARLY, LATE))]  # attempt, shard, began
    for first, second, outcomes in itertools.product(facts, facts, itertools.product("x.", repeat=2)):
        here = run(attempt=first[0], shard=first[1], started=first[2])
        there = run(attempt=second[0], shard=second[1], started=second[2], machine=ANOTHER)
        found = set()
        for started in (EARLY, LATE):
            runs = (here, msgspec.structs.replace(there, started=started))
            found.add(verdict_of_runs([(of, [tried(of, each)]) for of, each in zip(runs, outcomes, strict=True)]))
        assert len(found) == 1, (first, second, outcomes)
        assert ("kept" in found) == (outcomes == (".", "."))


def tried(of: Run, outcome: str) -> Attempt:
    return broken(of) if outcome == "x" else attempt(of)


def test_a_pass_that_no_failure_followed_for_certain_is_flaky() -> None:
    one, two, three = run(), run(machine=ANOTHER), run()
    told = {"x.x": "flaky", "..x": "flaky", "x..": "flaky", ".xx": "broken", "xxx": "broken", "...": "kept"}
    for outcomes, verdict in told.items():
        runs = zip((one, two, three), outcomes, strict=True)
        assert verdict_of_runs([(of, [tried(of, each)]) for of, each in runs]) == verdict, outcomes
    # What was flaky within one run stays flaky.
    assert verdict_of_runs([(one, [broken(one), attempt(one)]), (two, [attempt(two)])]) == "flaky"
    assert verdict_of_runs([(one, [attempt(one, "not run")]), (two, [attempt(two)])]) == "kept"
    assert verdict_of_runs([(one, [attempt(one, "not run")])]) == "not run"


@pytest.mark.parametrize(("outcome", "audited"), [("broken", "failed"), ("kept", "warning")])
def test_what_a_later_audit_has_not_decided_replaces_nothing(outcome: str, audited: str, tmp_path: Path) -> None:
    one, again = run(), run()
    told = Audited(name="WSTG-SESS-02 a row", asvs="", level=1, sentence="It is so.", outcome=audited)  # type: ignore[arg-type]
    found = check(one, "check 1", tried(one, "x" if outcome == "broken" else "."), audited=told)
    undecided = msgspec.structs.replace(told, outcome="not decidable")
    folders = [
        left(tmp_path / "1", one, [found]),
        left(tmp_path / "2", again, [check(again, "check 1", attempt(again, "not run"), audited=undecided)]),
    ]
    assert merge(*folders, output=tmp_path / "merged") == int(outcome == "broken")
    [found] = read(tmp_path / "merged").checks
    assert (found.outcome, found.audited) == (outcome, told)


@pytest.mark.parametrize("started", [EARLY, LATE])
def test_a_killed_run_is_replaced_whichever_clock_is_ahead(started: str, tmp_path: Path) -> None:
    one, again = run(tests=2), run(tests=2, machine=ANOTHER, started=started)
    half = killed(tmp_path / "half", one, "check 1")
    whole = left(tmp_path / "whole", again, [check(again, "check 1"), check(again, "check 2")])
    assert merge(half, whole, output=tmp_path / "merged") == 0
    # Of one machine the order is certain.
    earlier = run(tests=2, started=EARLY)
    before = left(tmp_path / "before", earlier, [check(earlier, "check 1")])
    assert merge(half, before, output=tmp_path / "merged") == 1


def test_what_failed_in_shards_and_was_run_again_without_them(tmp_path: Path) -> None:
    folders = []
    for number in (1, 2):
        each = run(shard=(number, 2))
        checks = [check(each, f"kept {number}"), check(each, f"check {number}", broken(each))]
        folders.append(left(tmp_path / f"{number}", each, checks))
    again = run(machine=ANOTHER, started=EARLY, command="pytest --last-failed")
    folders.append(left(tmp_path / "again", again, [check(again, "check 1"), check(again, "check 2", broken(again))]))
    assert merge(*folders, output=tmp_path / "merged", expect_shards=2) == 1
    results = read(tmp_path / "merged")
    assert results.remarks == []
    assert {each.promise: (each.outcome, len(each.attempts)) for each in results.checks} == {
        "kept 1": ("kept", 1),
        "check 1": ("flaky", 2),
        "kept 2": ("kept", 1),
        "check 2": ("broken", 2),
    }
    # It stands for no shard.
    assert merge(folders[1], folders[2], output=tmp_path / "one", expect_shards=2) == 1
    assert read(tmp_path / "one").remarks == ["chromium: shard 1 of 2 is missing."]
