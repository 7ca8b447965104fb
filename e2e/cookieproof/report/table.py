"""Writes the cross-browser table: a line for each promise, a column for each project."""

from __future__ import annotations

from collections.abc import Sequence

from cookieproof.report.columns import COLUMNS, NOT_RUN, Column, Promise
from cookieproof.report.results import Check, Results

MOST_WIDTH = 76  # characters of a promise; longer ones are cut


def columns_of(results: Results, projects: Sequence[str] = ()) -> list[Column]:
    """Return the columns for these projects (for all of the results, if none are named).

    The remark of a column says why its project could not be run.
    """
    missing = {run.project: run.why for run in results.runs if run.state == "not had"}
    told = {name: missing.get(name, "") for name in projects or results.projects}
    return [column for make in COLUMNS for column in make(told)]


def table(results: Results, columns: Sequence[Column]) -> str:
    """Return the table as text: a line for each promise, and below them the reasons for all cells but "kept"."""
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
    """Return the promises of checks that had a site, by their groups."""
    found: dict[str, dict[str, dict[str, Check]]] = {}  # by group, words and project
    for check in results.checks:
        if check.group is not None:
            found.setdefault(check.group, {}).setdefault(check.promise, {})[check.project] = check
    return {group: [Promise(words, cases) for words, cases in rows.items()] for group, rows in found.items()}
