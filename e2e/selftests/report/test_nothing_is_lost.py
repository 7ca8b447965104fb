"""A merge loses nothing: of two copies the fuller one counts, and what it cannot read or replace it says"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cookieproof import CookieproofError
from cookieproof.commands import merge_reports
from cookieproof.report.files import read
from cookieproof.report.results import RESULTS_FILE
from selftests.support.made_up import attempt, check, left, run
from selftests.support.merged import Say, killed, merge, shards

FILE = "a-trace.zip"


@pytest.mark.parametrize("fuller_first", [True, False])
def test_of_two_copies_of_a_killed_run_the_fuller_one_counts(tmp_path: Path, fuller_first: bool) -> None:
    one = run(tests=3)
    few, more = killed(tmp_path / "few", one, "check 1"), killed(tmp_path / "more", one, "check 1", "check 2")
    assert merge(*((more, few) if fuller_first else (few, more)), output=tmp_path / "merged") == 1
    assert sorted(each.promise for each in read(tmp_path / "merged").checks) == ["check 1", "check 2"]


def test_a_run_that_one_earlier_merge_has_whole_is_whole(tmp_path: Path) -> None:
    one, other = run(tests=2), run("firefox", tests=1)
    half = killed(tmp_path / "half", one, "check 1")
    whole = left(tmp_path / "whole", one, [check(one, "check 1"), check(one, "check 2")])
    assert merge(half, output=tmp_path / "a") == 1
    assert merge(whole, killed(tmp_path / "other", other), output=tmp_path / "b") == 1
    assert merge(tmp_path / "a", tmp_path / "b", output=tmp_path / "c") == 1  # for the other
    assert {each.project: each.state for each in read(tmp_path / "c").runs} == {
        "chromium": "ended",
        "firefox": "killed",
    }
    assert len(read(tmp_path / "c").checks) == 2


def test_of_two_copies_the_one_with_its_artifacts_counts(tmp_path: Path, capsys: Say) -> None:
    one = run()
    failed = check(one, "check 1", attempt(one, "broken", "no", [("trace", FILE)]))
    lacks, has = left(tmp_path / "1", one, [failed]), left(tmp_path / "2", one, [failed])
    (has / FILE).write_text("trace")
    assert merge(lacks, has, output=tmp_path / "merged") == 1
    assert [each.read_text() for each in (tmp_path / "merged").rglob(FILE)] == ["trace"]
    said = capsys.readouterr().out
    assert "lacks" not in said and "holds the same run as" in said


def test_a_folder_that_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shards(tmp_path / "in", 1, 2)

    def refusing(scandir: Callable[[Any], Iterator[Any]]) -> Callable[[Any], Iterator[Any]]:
        def refuse(path: Any) -> Iterator[Any]:
            if Path(path).name == "chromium-2":  # for root no folder is unreadable
                raise PermissionError(13, "Permission denied", str(path))
            return scandir(path)

        return refuse

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refusing(os.scandir))
        with pytest.raises(CookieproofError, match=r"Nothing was merged into .*Permission denied: .*chromium-2"):
            merge(tmp_path / "in", output=tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_a_link_that_leads_nowhere_is_said(tmp_path: Path) -> None:
    shards(tmp_path / "in", 1, of=1)
    (tmp_path / "in" / "firefox").symlink_to("gone")
    with pytest.raises(CookieproofError, match=r"in/firefox is a link that leads nowhere: get what it names"):
        merge(tmp_path / "in", output=tmp_path / "merged")


def test_no_folder_of_somebody_elses_is_removed(tmp_path: Path) -> None:
    own = tmp_path / "out.cookieproof-merging"
    of_another = tmp_path / f"out.cookieproof-merging-{os.getppid()}"  # a process that lives
    abandoned = tmp_path / "out.cookieproof-merging-4194305"  # no process has so high a number
    for folder in (own, of_another, abandoned):
        [each] = shards(tmp_path, 1, of=1)
        each.rename(folder)
    assert merge(own, output=tmp_path / "out") == 0
    assert own.is_dir() and of_another.is_dir() and not abandoned.exists()


def test_a_merge_with_the_process_id_of_a_killed_one_goes_on(tmp_path: Path) -> None:
    abandoned = tmp_path / f"out.cookieproof-merging-{os.getpid()}"
    shards(tmp_path, 1, of=1)[0].rename(abandoned)
    assert merge(*shards(tmp_path, 1, of=1), output=tmp_path / "out") == 0
    assert not abandoned.exists()


def test_what_an_abandoned_merge_wrote_may_be_merged(tmp_path: Path) -> None:
    abandoned = tmp_path / "out.cookieproof-merging-4194305"
    shards(tmp_path, 1, of=1)[0].rename(abandoned)
    assert merge(abandoned, output=tmp_path / "out") == 0
    assert (abandoned / RESULTS_FILE).is_file()


def test_an_earlier_report_stays_if_it_cannot_be_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders, out = shards(tmp_path, 1, of=1), tmp_path / "out"
    assert merge(*folders, output=out) == 0
    before = {each: each.read_bytes() for each in out.rglob("*")}
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if target == out and path.name.endswith(str(os.getpid())):
            raise OSError(16, "Device or resource busy")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(CookieproofError, match=r"Nothing was merged into .*busy"):
        merge(*folders, output=out)
    assert {each: each.read_bytes() for each in out.rglob("*")} == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["chromium-1", "out"]


def test_a_report_that_cannot_be_told_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", Full())
        with pytest.raises(CookieproofError, match=r"All was merged into .*, but not told: .*No space left"):
            merge(*shards(tmp_path, 1, of=1), output=tmp_path / "merged")
    assert (tmp_path / "merged" / "report.html").is_file()


def test_runs_without_a_test_check_nothing(tmp_path: Path, capsys: Say) -> None:
    empty = run(exit_code=5)
    assert merge(left(tmp_path / "empty", empty, []), output=tmp_path / "merged", expect_shards=1) == 1
    assert "No test has run: nothing was checked." in capsys.readouterr().out


def test_a_run_that_was_killed_before_it_collected_is_replaced_by_the_same_command_alone(tmp_path: Path) -> None:
    first, one, whole = run(tests=0), run(tests=1, command="pytest --last-failed"), run(tests=9)
    lost = killed(tmp_path / "lost", first)
    assert merge(lost, left(tmp_path / "one", one, [check(one, "check 1")]), output=tmp_path / "a") == 1
    assert merge(lost, left(tmp_path / "whole", whole, [check(whole, "check 1")]), output=tmp_path / "b") == 0


def test_a_folder_whose_name_is_not_utf_8_is_named(tmp_path: Path, capsys: Say) -> None:
    odd = killed(Path(os.fsdecode(os.fsencode(tmp_path) + b"/sh\xff")), run(tests=2), "check 1")
    assert merge(odd, output=tmp_path / "merged") == 1
    assert "1 of 2 tests had ended" in capsys.readouterr().out


assert merge_reports.UNFINISHED == ".cookieproof-merging-"  # which the names above begin with
