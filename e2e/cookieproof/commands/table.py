"""The cross-browser table: a line for each promise."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from cookieproof.commands.columns import NOT_RUN, Column, Promise
from cookieproof.commands.junit import Case

MOST_WIDTH = 76


def table(joined: ElementTree.Element, columns: Sequence[Column]) -> str:
    """A line for each promise of the joined JUnit root, and below it the reasons for all but "kept"."""
    groups = _groups(joined)
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


def _groups(joined: ElementTree.Element) -> dict[str, list[Promise]]:
    """The promises by the group that each belongs to, as the tests tell it."""
    found: dict[str, dict[str, dict[str, Case]]] = {}  # by group, words and project
    for suite in joined:
        for case in filter(None, map(Case.read, suite.iter("testcase"))):
            found.setdefault(case.data.group, {}).setdefault(case.data.words, {})[suite.get("name", "")] = case
    return {group: [Promise(words, cases) for words, cases in rows.items()] for group, rows in found.items()}
