"""The cross-browser table: a line for each promise."""

from __future__ import annotations

from collections.abc import Sequence

from cookieproof.report.columns import COLUMNS, NOT_RUN, Column, Promise
from cookieproof.report.results import Check, Results

MOST_WIDTH = 76


def columns_of(results: Results, projects: Sequence[str] = ()) -> list[Column]:
    """The columns for the projects, or for all that the results have. Of each it is said why it could not be had."""
    missing = {run.project: run.why for run in results.runs if run.state == "not had"}
    told = {name: missing.get(name, "") for name in projects or results.projects}
    return [column for make in COLUMNS for column in make(told)]


def table(results: Results, columns: Sequence[Column]) -> str:
    """A line for each promise of the results, and below it the reasons for all but "kept"."""
    groups = promises_of(results)
    width = min(MOST_WIDTH, max((len(each.words) + 2 for rows in groups.values() for each in rows), default=0))
    headings = [column.heading.ljust(len(NOT_RUN)) for column in columns]
    lines = ["  ".join(["promise".ljust(width), *headings]).rstrip()]
    reasons: dict[str, list[str]] = {f"{each.heading}: {each.remark}": [] for each in columns if each.remark}
    for group, promises in sorted(groups.items()):
        lines.append(group)
        for promise in promises:
            cells = [column.cell(promise) for column in columns]
            words = [cell.word.ljust(len(heading)) for cell, heading in zip(cells, headings, strict=True)]
            lines.append("  ".join([f"  {promise.words}"[:width].ljust(width), *words]).rstrip())
            for column, cell in zip(columns, cells, strict=True):
                if cell.why:
                    reasons.setdefault(f"{column.heading}: {cell.word}. {cell.why}", []).append(promise.words)
    for reason, about in reasons.items():
        some = f" ({about[0]}{f', and {len(about) - 1} more' if about[1:] else ''})" if about else ""
        lines.append(f"{reason}{some}")
    return "\n".join(lines)


def promises_of(results: Results) -> dict[str, list[Promise]]:
    """The promises by the group that each belongs to, as the tests tell it."""
    found: dict[str, dict[str, dict[str, Check]]] = {}  # by group, words and project
    for check in results.checks:
        if check.group is not None:
            found.setdefault(check.group, {}).setdefault(check.promise, {})[check.project] = check
    return {group: [Promise(words, cases) for words, cases in rows.items()] for group, rows in found.items()}
