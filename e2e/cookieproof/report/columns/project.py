"""The column of one project: what its run says of each promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cookieproof.report.columns.column import BROKEN, DIFFERS, FLAKY, KEPT, NOT_RUN, Cell, Column, Promise
from cookieproof.report.results import Check, Verdict, first_sentence

WORDS: dict[Verdict, str] = {"broken": BROKEN, "flaky": FLAKY, "not run": NOT_RUN}


def project_columns(projects: Mapping[str, str]) -> Sequence[Column]:
    """A column for each of the projects; of each it is said why it could not be run."""
    return [ProjectColumn(name, missing) for name, missing in projects.items()]


class ProjectColumn:
    """``missing`` says why the project could not be run."""

    def __init__(self, name: str, missing: str = "") -> None:
        self.heading = name
        self.remark = f"{NOT_RUN}. {missing}" if missing else ""

    def cell(self, promise: Promise) -> Cell:
        case = promise.cases.get(self.heading)
        return Cell(NOT_RUN) if case is None else _verdict(case)


def _verdict(check: Check) -> Cell:
    if check.outcome in WORDS:
        return Cell(WORDS[check.outcome], first_sentence(check.text))
    return Cell(DIFFERS, f"As declared: {'; '.join(check.differs)}") if check.differs else Cell(KEPT)
