"""The column of one project, with the outcome of each promise in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cookieproof.report.columns.column import BROKEN, DIFFERS, FLAKY, KEPT, NOT_RUN, Cell, Column, Promise
from cookieproof.report.results import Check, Verdict, first_sentence

WORDS: dict[Verdict, str] = {"broken": BROKEN, "flaky": FLAKY, "not run": NOT_RUN}


def project_columns(projects: Mapping[str, str]) -> Sequence[Column]:
    """Return a column for each project; ``projects`` maps its name to why it could not be run, or to an empty text."""
    return [ProjectColumn(name, missing) for name, missing in projects.items()]


class ProjectColumn:
    """The outcomes of one project. ``missing`` says why it could not be run, as a sentence; empty if it was."""

    def __init__(self, name: str, missing: str = "") -> None:
        self.heading = name
        self.remark = f"{NOT_RUN}. {missing}" if missing else ""

    def cell(self, promise: Promise) -> Cell:
        case = promise.cases.get(self.heading)
        return Cell(NOT_RUN) if case is None else _cell_of(case)


def _cell_of(check: Check) -> Cell:
    if check.outcome in WORDS:
        return Cell(WORDS[check.outcome], first_sentence(check.text))
    return Cell(DIFFERS, f"As declared: {'; '.join(check.differs)}") if check.differs else Cell(KEPT)
