"""GitHub shows what broke, at the line of its test, and a run says nothing of it elsewhere"""

import re
from pathlib import Path

from cookieproof.plugin.progress import SECONDS, Progress
from cookieproof.report.files import read
from cookieproof.report.github import annotation_lines, append_summary
from cookieproof.report.results import Results
from selftests.support.made_up import attempt, broken, check, run
from selftests.support.project import Project

ON_GITHUB = {"GITHUB_ACTIONS": "true"}


def results() -> Results:
    one = run()
    evil = broken(one, "E  AssertionError: 100%: a,b\x1b[31m ::error::x\nE  more")
    tried = broken(one, "not yet"), attempt(one)
    return Results(runs=[one], checks=[check(one, "a, b: c", evil), check(one, "d", *tried), check(one, "e")])


def test_failures_are_annotations_at_their_line(tmp_path: Path) -> None:
    where = {"GITHUB_WORKSPACE": str(tmp_path)}
    assert [*annotation_lines(results(), tmp_path / "shop", ON_GITHUB | where)] == [
        "::error file=shop/tests/test_it.py,line=7,title=broken%3A a%2C b%3A c [chromium]::"
        "100%25: a,b\\x1b[31m ::error::x",
        "::warning file=shop/tests/test_it.py,line=7,title=flaky%3A d [chromium]::not yet",
    ]
    assert [*annotation_lines(results(), tmp_path, {})] == []
    assert [*annotation_lines(results(), tmp_path, {"GITHUB_ACTIONS": "false"})] == []


def test_a_table_is_appended_to_the_summary(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    file.write_text("before\n")
    append_summary(results(), "out/report.html", {"GITHUB_STEP_SUMMARY": str(file)})
    append_summary(results(), "out/report.html", {})
    written = file.read_text()
    assert written.startswith("before\n## 1 broken, 1 flaky, 1 kept\n")
    assert written.count("## 1 broken") == 1
    assert "| chromium | Chromium 141.0 | 1 | 0 | 1 | 1 |" in written
    assert "Report: `out/report.html`" in written


TESTS = """
import time
from cookieproof import WITH_THE_BROWSER, Lifetime, prove_lifetimes

def test_that_breaks(site):
    assert 0, "it broke"

test_lifetimes = prove_lifetimes([
    Lifetime("seen", set_by="/", lasts=WITH_THE_BROWSER),
    Lifetime("never", set_by="/", lasts=WITH_THE_BROWSER),
])

def test_that_is_kept(site):
    pass
"""


def test_a_run_on_github_and_what_failed_again(project: Project) -> None:
    project.test(TESTS)
    summary = project.folder / "summary.md"
    project.env |= ON_GITHUB | {"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_WORKSPACE": str(project.folder)}
    project.env |= {"GITHUB_RUN_ID": "77", "GITHUB_RUN_ATTEMPT": "2"}
    cached = ("--site", "app:create_app", "-p", "cacheprovider")
    first = project.run(*cached)
    first.assert_outcomes(passed=2, failed=2)
    assert "\n::error file=test_it.py,line=6,title=broken%3A that breaks::it broke\n" in first.output
    assert summary.read_text().startswith("## 2 broken, 2 kept\n")
    [told] = read(project.folder / "test-results").runs
    assert (told.ci_run, told.attempt) == ("77", 2)
    for name in ON_GITHUB:
        del project.env[name]
    del project.env["GITHUB_STEP_SUMMARY"]
    again = project.run(*cached, "--last-failed", "-n", "2", "--dist", "loadgroup")
    again.assert_outcomes(failed=2)
    assert "test_lifetimes[never]" in again.output
    assert "::error" not in again.output
    assert "\n## " not in summary.read_text()


CRASHES = """
import os
import pytest

@pytest.fixture
def never_there(site):
    os._exit(3)

@pytest.mark.parametrize("way", ["a b"])
def test_that_cannot_begin(never_there, way):
    pass

def test_that_ends_its_worker(site):
    os._exit(3)

def test_that_fails(site):
    pytest.fail("It breaks.", pytrace=False)
"""


def test_a_worker_that_crashes_is_said_in_a_sentence_at_the_tests_file(project: Project) -> None:
    project.test(CRASHES)
    summary = project.folder / "summary.md"
    project.env |= ON_GITHUB | {"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_WORKSPACE": str(project.folder)}
    output = project.run("--site", "app:create_app", "-n", "1").output
    rows = {line.split(" | ")[0]: line for line in summary.read_text().splitlines()}
    ended = re.compile(r"1 of 1 \| The process that ran this test \(pytest-xdist's gw\d\) ended in the middle of it: ")
    for words in (r"| that cannot begin \[a b\]", "| that ends its worker"):
        assert ended.search(rows[words]), rows
    assert rows["| that fails"].endswith("| 1 of 1 | It breaks. |")
    # Without a phase of it nobody knows its line.
    assert "::error file=test_it.py,line=1,title=broken%3A that cannot begin [a b]::The process that ran" in output
    assert "::error file=test_it.py,line=14,title=broken%3A that ends its worker::The process that ran" in output


def test_what_takes_long_is_named() -> None:
    said: list[str] = []
    time = [0.0]
    progress = Progress(said.append, lambda: time[0])
    progress.pytest_runtest_logstart("test_it.py::test_slow")
    progress.pytest_runtest_logstart("test_it.py::test_quick")
    progress.look()
    progress.pytest_runtest_logfinish("test_it.py::test_quick")
    for time[0] in (SECONDS - 1, SECONDS + 1, SECONDS + 2, 2 * SECONDS + 2):
        progress.look()
    assert said == [
        "still running after 21 s: test_it.py::test_slow",
        "still running after 42 s: test_it.py::test_slow",
    ]
    progress.pytest_runtest_logfinish("test_it.py::test_slow")
    time[0] *= 9
    progress.begin()
    progress.end()
    progress.look()
    assert len(said) == 2
