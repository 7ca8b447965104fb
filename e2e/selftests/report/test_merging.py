"""Many runs are merged into one report: nothing is lost, nothing is counted twice, and what is missing is said"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from cookieproof import CookieproofError
from cookieproof.commands import merge_reports
from cookieproof.report.files import Journal, read
from cookieproof.report.github import append_summary
from cookieproof.report.merging import merge_in_place
from cookieproof.report.metadata import not_had
from cookieproof.report.output import write_all
from cookieproof.report.results import RESULTS_FILE, Check, Run
from selftests.support import made_up
from selftests.support.made_up import attempt, broken, check, left, run
from selftests.support.merged import Say, is_valid, merge, shards


def test_shards_engines_and_attempts_are_one_report(tmp_path: Path, capsys: Say) -> None:
    first, again = run("chromium", (2, 2)), run("chromium", (2, 2), attempt=2)
    wire = "test-it/wire <1>.txt"
    failed = attempt(first, "broken", "E  AssertionError: a | b\x07", [("wire", wire), ("video", "gone.webm")])
    folders = [
        *shards(tmp_path, 1),
        left(tmp_path / "first", first, [check(first, "check 2", failed)]),
        left(tmp_path / "again", again, [check(again, "check 2")]),
        *shards(tmp_path, 1, 2, project="firefox"),
    ]
    (tmp_path / "first" / wire).parent.mkdir()
    (tmp_path / "first" / wire).write_text("GET /")
    output = tmp_path / "merged"
    assert merge(*folders, output=output, expect_shards=2) == 0
    assert merge(*folders, output=output, expect_shards=2, fail_on_flaky=True) == 1  # and is written anew
    is_valid(output / RESULTS_FILE)
    merged = read(output)
    assert sorted((each.promise, each.project, each.outcome) for each in merged.checks) == [
        ("check 1", "chromium", "kept"),
        ("check 1", "firefox", "kept"),
        ("check 2", "chromium", "flaky"),
        ("check 2", "firefox", "kept"),
    ]
    assert len(merged.runs) == 5
    [flaky] = [each for each in merged.checks if each.outcome == "flaky"]
    assert [each.outcome for each in flaky.attempts] == ["broken", "kept"]
    [kept_file] = flaky.attempts[0].artifacts
    assert (output / kept_file.path).read_text() == "GET /"
    assert f"{tmp_path / 'first'} lacks 1 file (gone.webm) that its results.json names." in merged.remarks
    # The same in JUnit and Markdown.
    [case] = [
        each
        for each in ElementTree.parse(output / "junit.xml").iter("testcase")
        if each.find("flakyFailure") is not None
    ]
    assert (case.get("classname"), case.get("name")) == ("tests.test_it", "test_check_2[chromium]")
    assert (case.findtext("flakyFailure") or "").endswith("a | b\\x07")
    text = (output / "summary.md").read_text()
    assert text.startswith("## 1 flaky, 3 kept\n")
    assert "| chromium | Chromium 141.0 | 1 | 0 | 1 | 0 |" in text
    assert r"| check 2 \[chromium\] | chromium | 1 of 2 | a \| b\\x07 |" in text
    assert str(output / "report.html") in text
    assert "1 flaky" in capsys.readouterr().out
    # What was merged can be merged again.
    third = run("chromium", (2, 2), attempt=3)
    other = left(tmp_path / "third", third, [check(third, "check 2", broken(third))])
    assert merge(output, other, output=tmp_path / "all") == 1
    assert len(read(tmp_path / "all").checks) == 4
    assert (tmp_path / "all" / "merged" / kept_file.path).read_text() == "GET /"


MissesSomething = Callable[[Path], list[Path]]


def a_shard_is_missing(tmp_path: Path) -> list[Path]:
    return shards(tmp_path, 1, 3, of=4)


def shards_of_another_number(tmp_path: Path) -> list[Path]:
    return [*shards(tmp_path, 1, of=2), *shards(tmp_path, 2, of=4)]


def a_killed_run(tmp_path: Path) -> list[Path]:
    [whole], killed = shards(tmp_path, 1), run("chromium", (2, 2), state="killed", tests=5)
    (tmp_path / "killed").mkdir()
    journal = Journal(tmp_path / "killed")
    journal.note(killed)
    journal.note(check(killed, "check 2"))
    journal.close()
    return [whole, tmp_path / "killed"]


def a_run_that_was_killed_at_once(tmp_path: Path) -> list[Path]:
    [whole], killed = shards(tmp_path, 1, of=1), tmp_path / "killed"
    killed.mkdir()
    Journal(killed).close()
    return [killed, whole]


def a_stopped_run(tmp_path: Path) -> list[Path]:
    stopped = run(state="stopped", why="stopping after 1 failures", tests=9, exit_code=2)
    return [left(tmp_path / "stopped", stopped, [check(stopped, "check 1")])]


def another_version(tmp_path: Path) -> list[Path]:
    [whole, other] = shards(tmp_path, 1, 2)
    (other / RESULTS_FILE).write_text('{"version": 2}')
    return [whole, other]


def a_run_that_failed_by_itself(tmp_path: Path) -> list[Path]:
    failed = run(exit_code=1)
    return [left(tmp_path / "failed", failed, [check(failed, "check 1")])]


@pytest.mark.parametrize(
    ("folders", "said", "checks"),
    [
        (a_shard_is_missing, ["chromium: shard 2 of 4 is missing.", "chromium: shard 4 of 4 is missing."], 2),
        (shards_of_another_number, ["chromium was split in 2 and 4, not in 4: run all with the same --splits."], 2),
        (a_killed_run, ["the run of chromium, shard 2 of 2 was killed half-way: 1 of 5 tests had ended."], 2),
        (a_run_that_was_killed_at_once, ["results.unfinished names no run: the run was killed at its very"], 1),
        (a_stopped_run, ["was stopped before its end (stopping after 1 failures): 1 of 9 tests had ended."], 1),
        (another_version, ["has the version 2, and this cookieproof reads version 1", "shard 2 of 2 is missing."], 1),
        (a_run_that_failed_by_itself, ["ended with exit code 1, though none of its tests failed"], 1),
    ],
)
def test_what_is_missing_is_said_and_fails(
    folders: MissesSomething, said: list[str], checks: int, tmp_path: Path, capsys: Say
) -> None:
    output = tmp_path / "merged"
    assert merge(*folders(tmp_path), output=output) == 1
    printed = capsys.readouterr().out
    for sentence in said:
        assert sentence in printed
        assert any(sentence in remark for remark in read(output).remarks)
    assert len(read(output).checks) == checks
    # A CI that reads only JUnit is told so, too.
    errors = errors_in(output)
    assert all(any(sentence in error for error in errors) for sentence in said)
    assert set(errors) <= {*read(output).remarks}


def errors_in(output: Path) -> list[str]:
    """What a merged junit.xml tells as errors, each in a suite that counts them."""
    root = ElementTree.parse(output / "junit.xml").getroot()
    errors = [each.get("message") or "" for each in root.iter("error")]
    assert sum(int(suite.get("errors") or 0) for suite in root) == len(errors)
    return errors


def test_what_is_there_is_no_error_in_junit(tmp_path: Path) -> None:
    one, two = shards(tmp_path, 1, 2)
    copy = shutil.copytree(two, tmp_path / "copy")
    assert merge(one, two, copy, output=tmp_path / "merged") == 0
    assert len(read(tmp_path / "merged").remarks) == 1
    assert errors_in(tmp_path / "merged") == []


@pytest.mark.parametrize(
    "folders",
    [
        a_shard_is_missing,
        shards_of_another_number,
        a_killed_run,
        a_run_that_was_killed_at_once,
        a_stopped_run,
        another_version,
        a_run_that_failed_by_itself,
    ],
)
def test_what_a_merge_has_missed_its_own_merge_misses_too(folders: MissesSomething, tmp_path: Path) -> None:
    assert merge(*folders(tmp_path), output=tmp_path / "first") == 1
    is_valid(tmp_path / "first" / RESULTS_FILE)
    assert merge(tmp_path / "first", output=tmp_path / "second") == 1
    assert merge(tmp_path / "second", output=tmp_path / "third") == 1
    said = [read(tmp_path / name).remarks for name in ("first", "second", "third")]
    # It is said once, as that of the folder where the run now is.
    assert [len(each) for each in said] == [len(said[0])] * 3
    assert not any("first" in remark for remark in said[2])


def test_a_shard_that_came_later_is_no_longer_missing(tmp_path: Path, capsys: Say) -> None:
    first, second, third = shards(tmp_path, 1, 2, 3, of=3)
    assert merge(first, output=tmp_path / "one") == 1
    assert merge(tmp_path / "one", second, output=tmp_path / "two") == 1
    assert read(tmp_path / "two").remarks == ["chromium: shard 3 of 3 is missing."]
    assert merge(tmp_path / "two", third, output=tmp_path / "three") == 0
    assert read(tmp_path / "three").remarks == []
    assert len(read(tmp_path / "three").checks) == 3


def test_shards_that_an_earlier_merge_expected_are_expected_still(tmp_path: Path, capsys: Say) -> None:
    whole, more = run(), run("chromium", (2, 2))
    folder = left(tmp_path / "whole", whole, [check(whole, "check 1")])
    assert merge(folder, output=tmp_path / "one", expect_shards=2) == 1
    assert merge(tmp_path / "one", output=tmp_path / "two") == 1
    assert "chromium: shard 2 of 2 is missing." in read(tmp_path / "two").remarks
    # Whoever expects another number now goes before.
    assert merge(tmp_path / "one", output=tmp_path / "two", expect_shards=1) == 0
    assert merge(tmp_path / "two", output=tmp_path / "three") == 0
    # Each project as it was expected in its own merge.
    assert merge(*shards(tmp_path, 1, 2, 3, of=3, project="firefox"), output=tmp_path / "f", expect_shards=3) == 0
    left(tmp_path / "more", more, [check(more, "check 2")])
    assert merge(tmp_path / "two", tmp_path / "f", output=tmp_path / "all") == 0


def told_by_another_version(folder: Path) -> None:
    """A version that is to come has written the folder's results, and tells more of its runs."""
    told = msgspec.json.decode((folder / RESULTS_FILE).read_bytes())
    told |= {"version": 2, "runs": [each | {"weather": "fine"} for each in told["runs"]]}
    (folder / RESULTS_FILE).write_bytes(msgspec.json.encode(told))


def test_a_file_of_another_version_is_missing_until_its_shard_came(tmp_path: Path, capsys: Say) -> None:
    [first, second] = shards(tmp_path, 1, 2)
    told_by_another_version(second)
    said = f"{second / RESULTS_FILE} has the version 2"
    assert merge(first, second, output=tmp_path / "one") == 1
    assert merge(tmp_path / "one", output=tmp_path / "two") == 1
    assert [said in remark for remark in read(tmp_path / "two").remarks] == [True, False]
    earlier = shards(tmp_path / "other", 1, of=1, project="firefox")
    assert merge(tmp_path / "two", *earlier, output=tmp_path / "three") == 1
    [again] = shards(tmp_path / "again", 2)
    assert merge(tmp_path / "three", again, output=tmp_path / "four") == 0
    assert read(tmp_path / "four").remarks == []
    assert merge(tmp_path / "four", output=tmp_path / "five") == 0
    # A file that is named is not left out in silence.
    assert merge(first, second, again, output=tmp_path / "six") == 0
    [remark] = read(tmp_path / "six").remarks
    assert said in remark


def test_a_file_that_tells_nothing_of_its_runs_stays_missing(tmp_path: Path) -> None:
    folders = [*another_version(tmp_path), *shards(tmp_path / "again", 2)]
    assert merge(*folders, output=tmp_path / "one") == 1
    assert merge(tmp_path / "one", output=tmp_path / "two") == 1
    [remark] = read(tmp_path / "two").remarks
    assert "has the version 2" in remark


def test_files_that_a_merge_did_not_find_are_said_by_each_later_one(tmp_path: Path) -> None:
    one = run()
    failed = attempt(one, "broken", "no", [("log", "gone.log")])
    folder = left(tmp_path / "one", one, [check(one, "check 1", failed)])
    copy = shutil.copytree(folder, tmp_path / "copy")
    merge(folder, output=tmp_path / "first")
    merge(tmp_path / "first", output=tmp_path / "second")
    assert read(tmp_path / "second").remarks == [
        f"{tmp_path / 'first'} lacks 1 file (gone.log) that its results.json names."
    ]
    # Where the run is merged from a folder that has them, none is lost.
    (copy / "gone.log").touch()
    merge(copy, tmp_path / "second", output=tmp_path / "third")
    assert [remark for remark in read(tmp_path / "third").remarks if "lacks" in remark] == []


def test_a_project_of_which_no_run_is_there_is_missed_where_it_is_expected(tmp_path: Path, capsys: Say) -> None:
    folders = shards(tmp_path, 1, 2)
    both = ("chromium", "firefox")
    assert merge(*folders, output=tmp_path / "none", expect_projects=["chromium"]) == 0
    assert merge(*folders, output=tmp_path / "one", expect_shards=2, expect_projects=both) == 1
    assert "firefox was expected, and no run of it is there." in capsys.readouterr().out.splitlines()
    assert merge(tmp_path / "one", output=tmp_path / "two") == 1
    # One shard of it is not all of it.
    [first, second] = shards(tmp_path, 1, 2, project="firefox")
    assert merge(tmp_path / "two", first, output=tmp_path / "three") == 1
    assert read(tmp_path / "three").remarks == ["firefox: shard 2 of 2 is missing."]
    assert merge(tmp_path / "three", second, output=tmp_path / "four") == 0


def test_a_project_that_could_not_be_had_is_missed_where_it_is_expected(tmp_path: Path, capsys: Say) -> None:
    job = tmp_path / "job"
    merged = merge_in_place(job, {"chromium": shards(job, 1, of=1)[0]}, [not_had("webkit", "There is none here.")])
    write_all(merged.results, job, "report.html")
    assert merge(job, output=tmp_path / "one") == 0
    assert merge(job, output=tmp_path / "two", expect_projects=["webkit"]) == 1
    assert "webkit was expected, and could not be had: There is none here." in capsys.readouterr().out


def test_a_merge_of_nothing_that_was_run_fails(tmp_path: Path, capsys: Say) -> None:
    merged = merge_in_place(tmp_path / "job", {}, [not_had("webkit", "There is none here.")])
    (tmp_path / "job").mkdir()
    write_all(merged.results, tmp_path / "job", "report.html")
    assert merge(tmp_path / "job", output=tmp_path / "merged") == 1
    assert "No run is there: nothing was checked." in capsys.readouterr().out


def test_shards_that_nobody_split_are_missed_where_they_are_expected(tmp_path: Path, capsys: Say) -> None:
    whole = run()
    folder = left(tmp_path / "whole", whole, [check(whole, "check 1")])
    assert merge(folder, output=tmp_path / "one", expect_shards=1) == 0
    assert merge(folder, output=tmp_path / "two", expect_shards=2) == 1
    assert "chromium: shard 2 of 2 is missing." in capsys.readouterr().out


def test_a_killed_run_that_ran_again_is_whole(tmp_path: Path, capsys: Say) -> None:
    folders = a_killed_run(tmp_path)
    again = run("chromium", (2, 2), tests=5)
    folders.append(left(tmp_path / "again", again, [check(again, "check 2")]))
    assert merge(*folders, output=tmp_path / "merged") == 0
    assert "was killed half-way" in capsys.readouterr().out


def test_a_killed_run_is_not_made_whole_by_what_failed_in_it(tmp_path: Path) -> None:
    killed, again = run(state="killed", tests=5), run(tests=1)
    (tmp_path / "killed").mkdir()
    journal = Journal(tmp_path / "killed")
    journal.note(killed)
    journal.note(check(killed, "check 1", broken(killed)))
    journal.close()
    last_failed = left(tmp_path / "again", again, [check(again, "check 1")])
    assert merge(tmp_path / "killed", last_failed, output=tmp_path / "merged") == 1


def test_the_artifacts_of_each_run_have_their_own_folder(tmp_path: Path) -> None:
    folders = []
    for number, project in enumerate(("chromium", "chromium", "chromium-2")):
        each = run(project)
        failed = attempt(each, "broken", "no", [("log", "site.log")])
        folders.append(left(tmp_path / f"{number}", each, [check(each, "check 1", failed)]))
        (folders[-1] / "site.log").write_text(f"{number}")
    assert merge(*folders, output=tmp_path / "merged") == 1
    assert sorted(file.read_text() for file in (tmp_path / "merged").rglob("site.log")) == ["0", "1", "2"]


def test_a_merge_that_is_killed_leaves_the_earlier_report_and_nothing_for_long(tmp_path: Path) -> None:
    folders = shards(tmp_path, 1, of=1)
    assert merge(*folders, output=tmp_path / "merged") == 0
    before = contents(tmp_path)
    child = (
        "import os, sys; from pathlib import Path; from cookieproof.commands import merge_reports as command;"
        "command.write_all = lambda *_: os.kill(os.getpid(), 9);"
        "command.main([Path(sys.argv[1])], Path(sys.argv[2]), command.Expected(), fail_on_flaky=False)"
    )
    killed = subprocess.run([sys.executable, "-c", child, folders[0], tmp_path / "merged"], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert {file: data for file, data in contents(tmp_path).items() if file in before} == before
    assert contents(tmp_path).keys() > before.keys()
    assert merge(*folders, output=tmp_path / "merged") == 0
    assert contents(tmp_path).keys() == before.keys()


def test_an_output_that_is_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to("elsewhere")
    for _ in range(2):
        assert merge(*shards(tmp_path, 1, of=1), output=tmp_path / "link") == 0
    assert (tmp_path / "elsewhere" / RESULTS_FILE).is_file() and (tmp_path / "link").is_symlink()


def test_a_summary_that_cannot_be_written_is_said(tmp_path: Path, capsys: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge_reports, "append_summary", partial(append_summary, environment=NO_SUMMARY))
    assert merge(*shards(tmp_path, 1, of=1), output=tmp_path / "merged") == 0
    assert "GITHUB_STEP_SUMMARY names '/nowhere/summary', which cannot be written" in capsys.readouterr().out


NO_SUMMARY = {"GITHUB_STEP_SUMMARY": "/nowhere/summary"}


def test_what_two_shards_ran_and_what_is_there_twice_counts_once(tmp_path: Path, capsys: Say) -> None:
    one, two = run("chromium", (1, 2)), run("chromium", (2, 2))
    first = left(tmp_path / "one", one, [check(one, "check 1"), check(one, "check 3")])
    second = left(tmp_path / "two", two, [check(two, "check 2"), check(two, "check 3")])
    copy = shutil.copytree(second, tmp_path / "copy")
    assert merge(first, second, copy, output=tmp_path / "merged") == 0
    merged = read(tmp_path / "merged")
    assert {each.promise: len(each.attempts) for each in merged.checks} == {"check 1": 1, "check 2": 1, "check 3": 2}
    assert merged.counts["kept"] == 3
    assert sorted(merged.remarks) == [
        f"{copy} holds the same run as {second}: it is counted once.",
        "chromium: more than one shard ran 1 check (tests/test_it.py::test_check_3[chromium]); each is counted once.",
    ]


def test_a_failed_check_and_one_without_a_site_fail(tmp_path: Path) -> None:
    for group in ("A cookie ends", None):
        bad = run()
        folder = left(tmp_path / f"{group}", bad, [check(bad, "check 1", broken(bad), group=group)])
        assert merge(folder, output=tmp_path / "merged") == 1
        assert [each.promise for each in read(tmp_path / "merged").promises] == ["check 1"]
    good = run()
    folder = left(tmp_path / "good", good, [check(good, "check 1"), check(good, "check 2", group=None)])
    assert merge(folder, output=tmp_path / "merged") == 0
    assert [each.promise for each in read(tmp_path / "merged").promises] == ["check 1"]


def test_the_folders_below_one_are_merged(tmp_path: Path) -> None:
    shards(tmp_path / "unpacked" / "artifacts", 1, 2)
    assert merge(tmp_path / "unpacked", output=tmp_path / "merged") == 0
    assert len(read(tmp_path / "merged").checks) == 2


def test_links_to_folders_are_followed_each_once(tmp_path: Path, capsys: Say) -> None:
    folders, links = shards(tmp_path / "runs", 1, 2), tmp_path / "links"
    failed = run("firefox")
    folders.append(left(tmp_path / "runs" / "f", failed, [check(failed, "check 1", attempt(failed, "kept", "", LOG))]))
    (folders[-1] / "site.log").write_text("GET /")
    links.mkdir()
    for folder in folders:
        (links / folder.name).symlink_to(folder)
    assert merge(links, output=tmp_path / "merged") == 0
    assert len(read(tmp_path / "merged").checks) == 3
    assert (tmp_path / "merged" / "firefox" / "site.log").read_text() == "GET /"
    # A circle, and links beside what they lead to.
    (links / "above").symlink_to(links)
    (tmp_path / "runs" / "a-latest").symlink_to(folders[1])
    for folder in (links, tmp_path / "runs"):
        assert merge(folder, output=tmp_path / "merged") == 0
        assert (len(read(tmp_path / "merged").checks), read(tmp_path / "merged").remarks) == (3, [])
    with pytest.raises(CookieproofError, match="is named twice"):
        merge(links, tmp_path / "runs", output=tmp_path / "merged")
    with pytest.raises(CookieproofError, match="would be written over what is merged"):
        merge(links, output=tmp_path / "runs" / "f")


LOG = [("log", "site.log")]


def test_what_cross_browser_has_merged_is_read_once(tmp_path: Path, capsys: Say) -> None:
    job = tmp_path / "unpacked" / "job"
    merged = merge_in_place(job, {"chromium": shards(job, 1, of=1)[0]}, [])
    write_all(merged.results, job, "report.html")
    assert merge(tmp_path / "unpacked", output=tmp_path / "merged") == 0
    assert len(read(tmp_path / "merged").checks) == 1
    assert "the same run" not in capsys.readouterr().out
    # A run that was killed since then is beside what was merged before.
    journal = Journal(job / "chromium-1")
    journal.note(run(state="killed", tests=3))
    journal.close()
    (job / "chromium-1" / RESULTS_FILE).unlink()
    assert merge(tmp_path / "unpacked", output=tmp_path / "merged") == 1
    assert "was killed half-way: 0 of 3 tests had ended." in capsys.readouterr().out


def test_a_run_below_the_folder_of_another_is_not_lost(tmp_path: Path) -> None:
    above, below = run(), run()
    left(tmp_path / "above", above, [check(above, "check 1")])
    left(tmp_path / "above" / "below", below, [check(below, "check 2", broken(below))])
    assert merge(tmp_path / "above", output=tmp_path / "merged") == 1
    assert sorted(each.promise for each in read(tmp_path / "merged").checks) == ["check 1", "check 2"]


def test_a_run_that_was_copied_before_it_ended_has_what_it_found_at_its_end(tmp_path: Path) -> None:
    ended = run(tests=2)
    (tmp_path / "copy").mkdir()
    journal = Journal(tmp_path / "copy")
    journal.note(msgspec.structs.replace(ended, state="killed"))
    journal.note(check(ended, "check 1"))
    journal.close()
    whole = left(tmp_path / "whole", ended, [check(ended, "check 1"), check(ended, "check 2")])
    assert merge(tmp_path / "copy", whole, output=tmp_path / "merged") == 0
    assert len(read(tmp_path / "merged").checks) == 2


BadInput = Callable[[Path], tuple[list[Path], Path]]


def outside(tmp_path: Path) -> tuple[list[Path], Path]:
    bad = run()
    escaping = attempt(bad, "broken", "no", [("log", "../secret")])
    (tmp_path / "secret").write_text("secret")
    return [left(tmp_path / "bad", bad, [check(bad, "check 1", escaping)])], tmp_path / "new"


def linked(tmp_path: Path) -> tuple[list[Path], Path]:
    folders, output = outside(tmp_path)
    bad = run()
    left(folders[0], bad, [check(bad, "check 1", attempt(bad, "broken", "no", [("log", "link")]))])
    (folders[0] / "link").symlink_to(tmp_path / "secret")
    return folders, output


def in_a_file(tmp_path: Path) -> tuple[list[Path], Path]:
    (tmp_path / "file").touch()
    return shards(tmp_path, 1, of=1), tmp_path / "file"


def in_another_folder(tmp_path: Path) -> tuple[list[Path], Path]:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    return shards(tmp_path, 1, of=1), tmp_path / "mine"


def in_a_run(tmp_path: Path) -> tuple[list[Path], Path]:
    other = run()
    folder = left(tmp_path / "other", other, [check(other, "check 1")])
    (folder / "trace.zip").touch()
    return shards(tmp_path, 1, of=1), folder


def beside_results_of_somebody_else(tmp_path: Path) -> tuple[list[Path], Path]:
    folders, mine = in_another_folder(tmp_path)
    (mine / RESULTS_FILE).write_text("{}")
    return folders, mine


def in_a_circle(tmp_path: Path) -> tuple[list[Path], Path]:
    (tmp_path / "circle").symlink_to("circle")
    return shards(tmp_path, 1, of=1), tmp_path / "circle"


def there_and_back(tmp_path: Path) -> tuple[list[Path], Path]:
    bad = run()
    folder = tmp_path / "x" / "y"
    found = left(folder, bad, [check(bad, "check 1", attempt(bad, "broken", "", [("log", "a/../../../x/y/log")]))])
    (folder / "a").mkdir()
    (folder / "log").touch()
    return [found], tmp_path / "new"


def killed_at_once(tmp_path: Path) -> tuple[list[Path], Path]:
    (tmp_path / "killed").mkdir()
    Journal(tmp_path / "killed").close()
    return [tmp_path / "killed"], tmp_path / "new"


def of_no_run(tmp_path: Path) -> tuple[list[Path], Path]:
    good, other = run(), run()
    return [left(tmp_path / "bad", good, [check(good, "check 1", broken(other))])], tmp_path / "new"


def cut(tmp_path: Path) -> tuple[list[Path], Path]:
    folders = shards(tmp_path, 1, 2)
    (folders[1] / RESULTS_FILE).write_bytes((folders[1] / RESULTS_FILE).read_bytes()[:-200])
    return folders, tmp_path / "new"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda tmp: ([tmp], tmp / "new"), "holds no results.json: name the output folder"),
        (lambda tmp: ([tmp / "nowhere"], tmp / "new"), "holds no results.json"),
        (lambda tmp: (shards(tmp, 1) * 2, tmp / "new"), "is named twice: name each folder once"),
        (lambda tmp: ([*shards(tmp, 1), tmp], tmp.with_name("new")), "is named twice"),
        (lambda tmp: (shards(tmp, 1), tmp / "chromium-1"), "would be written over what is merged"),
        (lambda tmp: (shards(tmp, 1), tmp / "chromium-1" / "new"), "would be written over what is merged"),
        (lambda tmp: (shards(tmp, 1), tmp), "would be written over what is merged"),
        (lambda tmp: (another_version(tmp)[1:], tmp / "new"), "has the version 2, and this cookieproof reads version"),
        (in_a_file, "is a file: name a folder"),
        (in_another_folder, "holds other files: name a new folder"),
        (in_a_run, "holds other files: name a new folder"),
        (beside_results_of_somebody_else, "holds other files: name a new folder"),
        (in_a_circle, "Symlink loop from"),
        (lambda tmp: (shards(tmp, 1, of=1), Path("/proc/new")), "Nothing was merged into '/proc/new'"),
        (lambda tmp: (shards(tmp, 1, of=1), tmp / ("x" * 300)), "File name too long"),
        (there_and_back, "names the file 'a/../../../x/y/log', which is not in its folder"),
        (killed_at_once, "names no run: the run was killed at its very beginning"),
        (of_no_run, "an attempt belongs to no run of its project"),
        (outside, "names the file '../secret', which is not in its folder"),
        (linked, "names the file 'link', which is not in its folder"),
        (cut, "is cut off, or no JSON"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_written(make: BadInput, said: str, tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    folders, output = make(here)
    before = contents(tmp_path)
    with pytest.raises(CookieproofError, match=re.escape(said)) as raised:
        merge(*folders, output=output)
    assert "\n" not in str(raised.value)
    assert contents(tmp_path) == before


def contents(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() if file.is_file() else b"" for file in folder.rglob("*")}


def test_a_number_of_shards_is_1_or_more(tmp_path: Path) -> None:
    with pytest.raises(CookieproofError, match="--expect-shards 0 is no number of shards"):
        merge(*shards(tmp_path, 1), output=tmp_path / "new", expect_shards=0)


def repeated(folder: Path, outcomes: str) -> list[Path]:
    """Runs of one check, of which those with an "x" failed."""
    folders = []
    for number, outcome in enumerate(outcomes):
        each: Run = run()
        found: Check = check(each, "check 1", broken(each) if outcome == "x" else made_up.attempt(each))
        folders.append(left(folder / str(number), each, [found]))
    return folders


def test_repeated_runs_are_attempts(tmp_path: Path, capsys: Say) -> None:
    assert merge(*repeated(tmp_path / "flaky", "..x."), output=tmp_path / "merged") == 0
    [found] = read(tmp_path / "merged").checks
    assert (found.outcome, len(found.attempts)) == ("flaky", 4)
    assert "failed 1 of 4 times: check 1 [chromium]" in capsys.readouterr().out.splitlines()
    assert merge(*repeated(tmp_path / "broken", "..x"), output=tmp_path / "merged") == 1


def test_what_fails_most_often_comes_first(tmp_path: Path, capsys: Say) -> None:
    folders = []
    for number, outcomes in enumerate(("x...", "xx..", "....", ".x..")):
        for outcome in outcomes:
            each = run()
            tried = broken(each) if outcome == "x" else attempt(each)
            folders.append(left(tmp_path / each.id, each, [check(each, f"check {number}", tried)]))
    assert merge(*folders, output=tmp_path / "merged") == 0
    assert capsys.readouterr().out.splitlines()[:-1] == [
        "failed 2 of 4 times: check 1 [chromium]",
        "failed 1 of 4 times: check 0 [chromium]",
        "failed 1 of 4 times: check 3 [chromium]",
        "1 kept, 3 flaky, in 16 attempts",
    ]
    rows = re.findall(r"^\| (check \d)", (tmp_path / "merged" / "summary.md").read_text(), re.M)
    assert rows == ["check 1", "check 0", "check 3"]
