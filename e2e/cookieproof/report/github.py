"""What GitHub shows of runs: a table in the job's summary, and each failure at the line of its test."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from cookieproof.report.markdown import summary
from cookieproof.report.results import Results, first_sentence
from cookieproof.words import printable, quoted

MOST_ANNOTATIONS = 10  # of a step; GitHub shows no more


def append_summary(results: Results, report: str, environment: Mapping[str, str] = os.environ) -> str:
    """Append the results in Markdown to the file that ``GITHUB_STEP_SUMMARY`` names, if it is set.

    Returns why that could not be done, which fails no run: an empty text if it was.
    """
    if file := environment.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(file).open("a", encoding="utf-8") as written:
                written.write(summary(results, report) + "\n")
        except OSError as error:
            return f"GITHUB_STEP_SUMMARY names {quoted(file)}, which cannot be written: {error.strerror}."
    return ""


def annotation_lines(results: Results, root: Path, environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Where ``GITHUB_ACTIONS`` is set, the lines that put each failure at its test, as seen from GITHUB_WORKSPACE.

    https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
    """
    if environment.get("GITHUB_ACTIONS") != "true":
        return
    workspace = environment.get("GITHUB_WORKSPACE") or str(root)
    for verdict, level in (("broken", "error"), ("flaky", "warning")):
        found = [check for check in results.checks if check.outcome == verdict]
        for check in found[:MOST_ANNOTATIONS]:
            path, _, line = check.place.rpartition(":")
            file = Path(os.path.relpath(root / path, workspace)).as_posix()
            title, said = _value(f"{verdict}: {check.words}"), _text(first_sentence(check.text))
            yield f"::{level} file={_value(file)},line={line},title={title}::{said}"


def _text(text: str) -> str:
    # As GitHub's own toolkit escapes it; what a terminal would obey is spelled out.
    return printable(text, keep="\r\n").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
