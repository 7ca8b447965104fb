"""The column of one project: what its run says of each promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cookieproof.commands.columns.column import BROKEN, DIFFERS, KEPT, NOT_RUN, Cell, Column, Promise
from cookieproof.commands.junit import Case, Outcome

WORDS: dict[Outcome, str] = {"failure": BROKEN, "error": BROKEN, "skipped": NOT_RUN}


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


def _verdict(case: Case) -> Cell:
    if case.outcome in WORDS:
        return Cell(WORDS[case.outcome], case.message)
    return Cell(DIFFERS, f"As declared: {'; '.join(case.data.differs)}") if case.data.differs else Cell(KEPT)
