"""Writes results as Markdown, for ``summary.md`` and for the job's summary on GitHub."""

from __future__ import annotations

import html
import re
from collections import Counter

from cookieproof.report.results import VERDICTS, Check, Results, first_sentence
from cookieproof.words import printable

MOST_ROWS = 50  # of each table: GitHub shows no summary of more than 1 MiB
LONGEST = 300  # characters of a cell
SPECIAL = re.compile(r"([\\`*_\[\]|~@#])")


def summary(results: Results, report: str) -> str:
    """Return the results in Markdown: how many promises each engine keeps, what broke, and where the report is.

    ``report`` is the report's path.
    """
    counts = results.counts
    told = ", ".join(f"{counts[each]} {each}" for each in VERDICTS if counts[each]) or "nothing was run"
    lines = [f"## {told}", "", *_table_of_engines(results)]
    for verdict, heading in (("broken", "What broke"), ("flaky", "Flaky: failed, and passed")):
        lines += _table_of_checks([check for check in results.promises if check.outcome == verdict], heading)
    remarks = [*results.remarks, *(error for run in results.runs for error in run.errors)]
    lines += ["", *(f"- {_text(remark)}" for remark in remarks)] if remarks else []
    return "\n".join([*lines, "", f"Report: `{printable(report).replace('`', ' ')}`", ""])


def _table_of_engines(results: Results) -> list[str]:
    if not results.runs:
        return []
    by_project = {name: Counter[str]() for name in results.projects}
    for check in results.promises:
        by_project.setdefault(check.project, Counter())[check.outcome] += 1
    lines = [f"| project | engine | {' | '.join(reversed(VERDICTS))} |", f"| --- | --- |{' ---: |' * len(VERDICTS)}"]
    for name, counts in by_project.items():
        runs = [run for run in results.runs if run.project == name]
        engines = ", ".join(dict.fromkeys(run.why if run.state == "not had" else run.engine for run in runs))
        numbers = " | ".join(str(counts[each]) for each in reversed(VERDICTS))
        lines.append(f"| {_text(name)} | {_text(engines)} | {numbers} |")
    return lines


def _table_of_checks(checks: list[Check], heading: str) -> list[str]:
    if not checks:
        return []
    lines = ["", f"### {heading}", "", "| check | project | failed | what it says |", "| --- | --- | --- | --- |"]
    for check in sorted(checks, key=lambda check: -check.failure_rate)[:MOST_ROWS]:
        said, failed = first_sentence(check.text), f"{check.failures} of {len(check.attempts)}"
        lines.append(f"| {_text(check.words)} | {_text(check.project)} | {failed} | {_text(said)} |")
    if len(checks) > MOST_ROWS:
        lines.append(f"| and {len(checks) - MOST_ROWS} more | | | |")
    return lines


def _text(text: str) -> str:
    """Return the text on one line, cut if it is long, with Markdown's and HTML's special characters escaped."""
    text = printable(text)
    cut = f"{text[:LONGEST]}…" if len(text) > LONGEST else text
    return SPECIAL.sub(r"\\\1", html.escape(cut, quote=False))
