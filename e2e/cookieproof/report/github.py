"""Hands results to GitHub Actions: a table in the job's summary, and an annotation at each failed test's line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from cookieproof.report.markdown import summary
from cookieproof.report.results import Results, first_sentence
from cookieproof.words import printable, quoted

MOST_ANNOTATIONS = 10  # of each level; GitHub shows no more for one step


def append_summary(results: Results, report: str, environment: Mapping[str, str] = os.environ) -> str:
    """Append the results in Markdown to the file that ``GITHUB_STEP_SUMMARY`` names, if it is set.

    ``report`` is the report's path in the summary. Returns why the file could not be written, as a sentence, since
    that fails no run; an empty text if it was written, or is not set.
    """
    if file := environment.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(file).open("a", encoding="utf-8") as written:
                written.write(summary(results, report) + "\n")
        except OSError as error:
            return f"GITHUB_STEP_SUMMARY names {quoted(file)}, which cannot be written: {error.strerror}."
    return ""


def annotation_lines(results: Results, root: Path, environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Yield the workflow commands by which GitHub shows each broken and flaky check at its test's line.

    Yields nothing unless ``GITHUB_ACTIONS`` is "true". Places of checks are relative to ``root``, those of the
    commands to ``GITHUB_WORKSPACE`` (https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions).
    """
    if environment.get("GITHUB_ACTIONS") != "true":
        return
    workspace = environment.get("GITHUB_WORKSPACE") or str(root)
    for verdict, level in (("broken", "error"), ("flaky", "warning")):
        found = [check for check in results.checks if check.outcome == verdict]
        for check in found[:MOST_ANNOTATIONS]:
            path, _, line = check.place.rpartition(":")
            file = Path(os.path.relpath(root / path, workspace)).as_posix()
            title, message = _property(f"{verdict}: {check.words}"), _message(first_sentence(check.text))
            yield f"::{level} file={_property(file)},line={line},title={title}::{message}"


def _message(text: str) -> str:
    # As GitHub's own toolkit escapes it (actions/toolkit, packages/core/src/command.ts); a terminal's control
    # characters are escaped, too.
    return printable(text, keep="\r\n").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
