"""A suite is split in groups of equal time, in which the lifetimes of one list are one schedule"""

import json
import re
from types import SimpleNamespace
from typing import Any

import pytest

from cookieproof.plugin.durations import measured, to_store
from cookieproof.plugin.report_data import ReportData
from cookieproof.plugin.results import id_of
from cookieproof.plugin.shards import seconds_of
from cookieproof.report.files import read
from selftests.support.project import Project

TESTS = """
import pytest
from cookieproof import WITH_THE_BROWSER, Lifetime, prove_lifetimes

test_lifetimes = prove_lifetimes([Lifetime(f"c{n}", set_by="/", lasts=WITH_THE_BROWSER) for n in range(4)])

@pytest.mark.xdist_group("one")
@pytest.mark.parametrize("n", range(6))
def test_other(n):
    pass

@pytest.mark.proven_together("requirement")
@pytest.mark.parametrize("requirement", ["3.2", "3.3"])
@pytest.mark.parametrize("account", ["a", "b"])
def test_audit(account, requirement):
    pass
"""
SPLIT = ("--splits", "2", "--splitting-algorithm", "least_duration")
LIFETIMES = [f"test_lifetimes[c{n}]" for n in range(4)]
OTHERS = [f"test_other[{n}]" for n in range(6)]
AUDITS = [[f"test_audit[{account}-{requirement}]" for requirement in ("3.2", "3.3")] for account in "ab"]


def test_what_is_proven_together_stays_in_one_group(project: Project) -> None:
    project.test(TESTS)
    together = [LIFETIMES, *AUDITS]
    durations = {name: seconds for names, seconds in zip(together, (1.5, 2, 1.5), strict=True) for name in names}
    durations |= dict.fromkeys(OTHERS, 0.5)
    (project.folder / ".test_durations").write_text(
        json.dumps({f"test_it.py::{name}": seconds for name, seconds in durations.items()})
    )
    collect = ("--site", "app:create_app", "--collect-only", "-q", *SPLIT, "--group")
    groups = [re.findall(r"^test_it\.py::(\S+)$", project.run(*collect, each).output, re.M) for each in ("1", "2")]
    assert sorted(groups[0] + groups[1]) == sorted(durations)
    for names in together:
        assert [set(names) <= set(group) for group in groups].count(True) == 1, names
    assert [sum(durations[name] for name in group) for group in groups] == [8, 8]


def test_what_is_deselected_takes_nothing_else_with_it(project: Project) -> None:
    project.test(TESTS)
    for choice, left in (
        (["-k", "c2 or c3"], LIFETIMES[2:]),
        (["-k", "c0 or other"], [LIFETIMES[0], *OTHERS]),
        (["--deselect", f"test_it.py::{LIFETIMES[0]}", "-k", "not audit"], [*LIFETIMES[1:], *OTHERS]),
    ):
        collect = ("--site", "app:create_app", "--collect-only", "-q", *choice, *SPLIT, "--group")
        groups = [re.findall(r"^test_it\.py::(\S+)$", project.run(*collect, each).output, re.M) for each in ("1", "2")]
        assert sorted(groups[0] + groups[1]) == sorted(left)
        assert sum(bool(set(LIFETIMES) & set(group)) for group in groups) == 1


@pytest.mark.parametrize("ending", ["quit", "crash"])
def test_what_was_stored_of_another_browser_serves(
    ending: str, browser_name: str, request: pytest.FixtureRequest
) -> None:
    elsewhere = id_of(request.node, "webkit")
    assert elsewhere == request.node.nodeid.partition("@")[0].replace(browser_name, "webkit")
    assert seconds_of(request.node, {elsewhere: 7.0}) == 7.0
    assert seconds_of(request.node, {elsewhere: 7.0, id_of(request.node): 2.0}) == 2.0
    assert seconds_of(request.node, {elsewhere.replace(ending, "other"): 7.0}) is None


def test_durations_are_stored_under_ids_without_groups(project: Project) -> None:
    project.test(TESTS)
    run = ("-k", "other", "-n", "2", "--dist", "loadgroup", "--store-durations", "--splits", "2", "--group", "1")
    said = project.run(*run)
    said.assert_outcomes(passed=3)
    assert said.output.count("Stored test durations") == 1
    stored = json.loads((project.folder / ".test_durations").read_text())
    assert [name for name in stored if not re.fullmatch(r"test_it\.py::test_other\[\d\]", name)] == []
    assert len(stored) == 3
    told = json.loads((project.folder / "test-results" / "results.json").read_text())
    assert told["runs"][0]["shard"] == {"number": 1, "of": 2}


def phase(name: str, seconds: float, outcome: str = "passed", first: str = "", audited: Any = None, **more: Any) -> Any:
    """What pytest reports of one phase of a test."""
    told = ReportData(name.partition("@")[0].partition(" ")[0], first=first or name, audited=audited)
    return SimpleNamespace(
        nodeid=name, duration=seconds, outcome=outcome, passed=outcome == "passed", cookieproof=told, **more
    )


def test_what_is_measured_is_what_passed_and_a_list_has_the_time_of_its_pass() -> None:
    reports = [
        *(phase("plain@group", seconds) for seconds in (0.5, 2, 0.25)),
        phase("broken", 60, "failed"),
        phase("tried-again", 30, "rerun"),
        phase("tried-again", 1),
        phase("not-run", 0, "skipped"),
        phase("expected-to-fail", 2, "skipped", wasxfail=""),
        # Two workers: one proves the list, the other waits for it.
        phase("list[a]", 8, first="list[a]"),
        phase("list[b]", 7, first="list[a]"),
        # One of this list is broken: how long the pass takes once it is not, nobody knows.
        phase("bad[a]", 8, "failed", first="bad[a]"),
        phase("bad[b]", 1, first="bad[a]"),
        # What an audit has not asked takes no time of its own.
        phase("audit[a]", 6, first="audit[a]"),
        phase("audit[b]", 0, "skipped", first="audit[a]", audited={"outcome": "not asked"}),
        phase("twice 1-2", 1),
        phase("twice 2-2", 2),
        SimpleNamespace(nodeid="a warning"),
    ]
    assert measured(reports) == {
        "plain": 2.75,
        "expected-to-fail": 2,
        "list[a]": 4,
        "list[b]": 4,
        "audit[a]": 3,
        "audit[b]": 3,
        "twice": 1.5,
    }


def test_a_file_that_is_committed_changes_if_the_suite_does() -> None:
    stored = {"a": 4.0, "b": 2.0, "c": 1.0, "d": 3.0, "e": 0.2}
    assert to_store({"a": 4.4, "b": 1.9, "c": 1.4, "e": 0.6}, stored) == {"a": 4.0, "b": 2.0, "c": 1.0, "e": 0.2}
    # On a machine that takes twice the time, with one test that is slow now, one that is quick, and a new one.
    again = to_store({"a": 8.4, "b": 30.0, "c": 2.1, "d": 1.0, "new": 3.0}, {**stored, "f": 9.0})
    assert again == {"a": 4.0, "b": round(30 / 2.1, 2), "c": 1.0, "d": round(1 / 2.1, 2), "new": round(3 / 2.1, 2)}
    assert to_store({"a": 1.234}, {}) == {"a": 1.23}


SOAK = """
import pytest
from cookieproof import WITH_THE_BROWSER, Lifetime, prove_lifetimes

test_lifetimes = prove_lifetimes([Lifetime("seen", set_by="/", lasts=WITH_THE_BROWSER)])

@pytest.mark.parametrize("way", ["1-3"])
def test_of_chance(site, way, request):
    assert "2-3" in request.node.name
"""


def test_repetitions_are_attempts_of_one_check(project: Project) -> None:
    project.test(SOAK)
    project.run("--site", "app:create_app", "--count", "3", "-p", "randomly").assert_outcomes(passed=4, failed=2)
    told = json.loads((project.folder / "test-results" / "results.json").read_text())
    outcomes = {check["id"]: sorted(each["outcome"] for each in check["attempts"]) for check in told["checks"]}
    assert outcomes == {
        "test_it.py::test_lifetimes[seen]": ["kept"] * 3,
        "test_it.py::test_of_chance[1-3]": ["broken", "broken", "kept"],
    }


CRASH = """
import os, signal

def test_that_ends_its_worker():
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_repetition_that_ends_its_worker_is_an_attempt(project: Project) -> None:
    project.test(CRASH)
    project.run("--site", "app:create_app", "--count", "2", "-n", "1", "-p", "no:randomly")
    [check] = read(project.folder / "test-results").checks
    assert check.id == "test_it.py::test_that_ends_its_worker"
    assert [each.outcome for each in check.attempts] == ["broken", "broken"]
    assert check.group is None and "crashed while running" in check.text
