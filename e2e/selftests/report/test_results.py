"""results.json is as its schema says, holds each attempt, and is read only as it was written"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from cookieproof import CookieproofError
from cookieproof.report import files, schema
from cookieproof.report.files import JOURNAL, AnotherVersion, Journal, read
from cookieproof.report.results import Results, first_sentence, verdict
from selftests.support import made_up
from selftests.support.documents import DOCS, code, table
from selftests.support.merged import SCHEMA, is_valid
from selftests.support.project import Project


def test_the_schema_in_the_package_is_that_of_the_code() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(schema.schema())) == SCHEMA, "write schema() to the file"


def test_the_page_has_each_key() -> None:
    parts = {"Results": SCHEMA, **SCHEMA["$defs"]}
    for heading, name in HEADINGS.items():
        told = {key for row in table(DOCS / "results.md", heading) for key in code(row[0])}
        assert told & set(parts[name]["properties"]) == set(parts[name]["properties"]), heading


HEADINGS = {"The file": "Results", "A merge": "Merge", "A run": "Run", "A check": "Check", "An attempt": "Attempt"}

TESTS = """
import pytest

class TestIt:
    @pytest.mark.skip("not now")
    @pytest.mark.parametrize("way", ["a-b", "", "too_far[1]"])
    def test_one_promise(self, visitor, way):
        pass

def test_that_breaks(site):
    site.restart()
    assert 0, "it \\ud800 broke"

TRIES = []

def test_that_breaks_once(site):
    TRIES.append(1)
    assert len(TRIES) > 1, "not yet"

def test_without_a_site():
    pass
"""


def test_a_run_leaves_what_each_test_told(project: Project) -> None:
    project.test(TESTS)
    said = project.run("--site", "app:create_app", "--reruns", "1", "--junitxml", "junit.xml")
    assert "flaky: that breaks once failed before it passed: not yet" in said.output
    assert "BROKEN  test_it.py (1 flaky, 1 broken, 3 not run)" in said.output
    told = is_valid(project.folder / "test-results" / "results.json")
    [run] = told["runs"]
    assert (run["project"], run["tests"], run["exit_code"], run["state"]) == (project.browser, 6, 1, "ended")
    assert run["browser_starts"] == {}
    checks = {check["id"]: check for check in told["checks"]}
    assert [
        checks[f"test_it.py::TestIt::test_one_promise[{ids}]"]["promise"]
        for ids in (f"{project.browser}-a-b", f"{project.browser}-", f"{project.browser}-too_far[1]")
    ] == ["one promise [a-b]", "one promise", "one promise [too_far[1]]"]
    broken = checks["test_it.py::test_that_breaks"]
    assert [attempt["outcome"] for attempt in broken["attempts"]] == ["broken", "broken"]
    assert "it \\ud800 broke" in broken["attempts"][0]["text"]
    # Each attempt has its own picture and its own files.
    assert all(attempt["timeline"]["columns"] for attempt in broken["attempts"])
    assert [[file["kind"] for file in attempt["artifacts"]] for attempt in broken["attempts"]] == [["log", "wire"]] * 2
    paths = [file["path"] for attempt in broken["attempts"] for file in attempt["artifacts"]]
    assert len(set(paths)) == 4
    for path in paths:
        assert (project.folder / "test-results" / path).is_file()
    assert broken["place"] == "test_it.py:11"
    flaky = checks["test_it.py::test_that_breaks_once"]
    assert (flaky["outcome"], [attempt["outcome"] for attempt in flaky["attempts"]]) == ("flaky", ["broken", "kept"])
    assert '<property name="cookieproof_outcome" value="flaky"' in (project.folder / "junit.xml").read_text()
    assert checks["test_it.py::test_without_a_site"]["group"] is None
    assert not (project.folder / "test-results" / JOURNAL).exists()


def test_what_attempts_come_to() -> None:
    run = made_up.run()
    kept, broken, not_run = (made_up.attempt(run, outcome) for outcome in ("kept", "broken", "not run"))
    told = {
        "kept": [[kept], [kept, kept], [not_run, kept]],
        "broken": [[broken], [kept, broken], [broken, not_run]],
        "flaky": [[broken, kept], [kept, broken, kept], [broken, kept, not_run]],
        "not run": [[not_run], []],
    }
    assert {outcome: [verdict(each) for each in tries] for outcome, tries in told.items()} == {
        outcome: [outcome] * len(tries) for outcome, tries in told.items()
    }


def test_the_first_sentence_of_a_failure() -> None:
    assert first_sentence('>  assert x\nE  AssertionError: cookie "a" is there\nE    more') == 'cookie "a" is there'
    assert first_sentence("\n the clock\n stood") == "the clock"
    assert first_sentence("") == ""


def written(tmp_path: Path) -> Path:
    run = made_up.run()
    return made_up.left(tmp_path / "left", run, [made_up.check(run, "a promise")]) / "results.json"


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = written(tmp_path)
    is_valid(file)
    assert msgspec.to_builtins(read(file.parent).runs) == json.loads(file.read_text())["runs"]
    assert read(file.parent).checks[0].promise == "a promise"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data[: len(data) // 2], "is cut off, or no JSON"),
        (lambda data: data[:-1], "does not end as it was written"),
        (lambda data: data.replace(b'"a promise"', b'"a PROMISE"'), "was changed after its run wrote it"),
        (lambda data: b"[]", "is no results file of cookieproof"),
        (lambda data: b"\xff\xfe", "is cut off, or no JSON"),
        (lambda data: b"", "is cut off, or no JSON"),
        (
            lambda data: signed(data.replace(b'"attempts":[', b'"attempts":[1,')),
            r"Expected `object`.*\[0\].attempts",
        ),
        (lambda data: signed(data.replace(b'"columns":[', b'"columns":[1,')), r"Expected `object`.*columns\[0\]"),
        (lambda data: signed(data.replace(b'"seconds":0.25', b'"seconds":-1')), "Expected `float` >= 0.0"),
    ],
)
def test_what_is_not_as_it_was_written_is_refused(change: Any, said: str, tmp_path: Path) -> None:
    file = written(tmp_path)
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(CookieproofError, match=said) as raised:
        read(file.parent)
    assert str(file) in str(raised.value)
    assert not isinstance(raised.value, AnotherVersion)


def signed(data: bytes) -> bytes:
    """The file with the digest of what it says, as somebody writes it who knows how."""
    body = data[: -len(files.KEY) - files.DIGITS - len(files.END)]
    return body + files.KEY + hashlib.sha256(body).hexdigest().encode() + files.END


def test_another_version_is_said(tmp_path: Path) -> None:
    file = written(tmp_path)
    file.write_bytes(b'{"version": 7, "anything": []}')
    with pytest.raises(AnotherVersion, match="has the version 7, and this cookieproof reads version 1"):
        read(file.parent)


def test_a_killed_run_has_what_had_ended(tmp_path: Path) -> None:
    run = made_up.run(state="killed", tests=2)
    journal = Journal(tmp_path)
    journal.note(run)
    journal.note(made_up.check(run, "one", made_up.broken(run)))
    journal.note(made_up.check(run, "one", made_up.broken(run), made_up.attempt(run)))
    journal.note(made_up.check(run, "two"))
    journal.close()
    whole = (tmp_path / JOURNAL).read_bytes()
    assert [check.outcome for check in read(tmp_path).checks] == ["flaky", "kept"]
    (tmp_path / JOURNAL).write_bytes(whole[:-5])  # as it wrote the last line
    found = read(tmp_path)
    assert [run.state for run in found.runs] == ["killed"]
    assert [check.promise for check in found.checks] == ["one"]
    (tmp_path / JOURNAL).write_bytes(whole.replace(b'"one"', b"7"))
    with pytest.raises(CookieproofError, match=re.escape(JOURNAL)):
        read(tmp_path)
    files.write(Results(runs=[run], checks=[]), tmp_path)
    assert not (tmp_path / JOURNAL).exists()
