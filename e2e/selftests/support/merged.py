"""Folders of runs, and what the merge of them leaves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from cookieproof.commands import merge_reports
from cookieproof.report import results
from cookieproof.report.files import Journal
from cookieproof.report.results import Run
from selftests.support.made_up import check, left, run

SCHEMA = json.loads((Path(results.__file__).with_name("results.schema.json")).read_text())
Say = pytest.CaptureFixture[str]


def merge(
    *folders: Path,
    output: Path,
    expect_shards: int | None = None,
    expect_projects: Sequence[str] = (),
    fail_on_flaky: bool = False,
) -> int:
    """What the command returns."""
    expected = merge_reports.Expected(expect_shards, expect_projects)
    return merge_reports.main(folders, output, expected, fail_on_flaky=fail_on_flaky)


def shards(folder: Path, *numbers: int, of: int = 2, project: str = "chromium") -> list[Path]:
    """A folder for each of these shards, each with a check of its own."""
    folders = []
    for number in numbers:
        each = run(project, (number, of))
        folders.append(left(folder / f"{project}-{number}", each, [check(each, f"check {number}")]))
    return folders


def killed(folder: Path, of: Run, *names: str) -> Path:
    """The folder of a run that was killed when these of its checks had ended."""
    folder.mkdir()
    journal = Journal(folder)
    journal.note(msgspec.structs.replace(of, state="killed"))
    for name in names:
        journal.note(check(of, name))
    journal.close()
    return folder


def is_valid(file: Path) -> dict[str, Any]:
    """What the file holds, which is as the schema says."""
    found: dict[str, Any] = json.loads(file.read_text())
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(found)] == []
    return found
