"""The matrix of all session audits in ``audit.html``, and the section of the report that links to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup

from cookieproof.promises.audit.finding import outcomes_in_words
from cookieproof.report.page.section import Report
from cookieproof.report.results import Audited, Check

AUDIT_FILE = "audit.html"
# The CSS class of each outcome, which is that of a check's verdict.
LOOKS = {
    "failed": "broken",
    "warning": "flaky",
    "not decidable": "not-run",
    "not asked": "not-run",
    "accepted": "flaky",
    "passed": "kept",
}


@dataclass(frozen=True)
class Cell:
    """The outcome of one requirement in one audit. ``id`` is that of its element, ``href`` is the URL of its check."""

    id: str
    column: str
    told: Audited
    href: str

    @property
    def look(self) -> str:
        """The CSS class of the outcome."""
        return LOOKS[self.told.outcome]


@dataclass(frozen=True)
class Row:
    """One requirement, and its cells in the order of the columns; None for an audit that does not have it."""

    told: Audited
    cells: Sequence[Cell | None]

    @property
    def name(self) -> str:
        """The requirement's name without its row of the WSTG, which is the heading above it."""
        return self.told.name.partition(" ")[2]


@dataclass(frozen=True)
class Column:
    """One audit in one project.

    ``title`` is the promise of its module, ``test`` the name of its test, ``project`` is empty if there is only one.
    ``outcomes`` are those of its requirements.
    """

    title: str
    test: str
    project: str
    outcomes: Sequence[str] = ()

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.title, self.test, self.project)))

    @property
    def said(self) -> str:
        """How many requirements have each outcome: ``1 failed, 2 warnings, 20 passed``."""
        return outcomes_in_words(self.outcomes)


class Matrix:
    """All audits of a report: ``rows`` maps each row of the WSTG to its requirements, ``columns`` are the audits."""

    def __init__(self, report: Report) -> None:
        many = len(report.results.projects) > 1
        cells: dict[str, dict[str, Cell]] = {}
        columns: dict[str, list[Check]] = {}
        audited = [(check, check.audited) for check in report.checks if check.audited]
        for number, (check, told) in enumerate(audited):
            column = str(_column([check], many=many))
            columns.setdefault(column, []).append(check)
            href = f"{quote(report.path.name)}#?q={quote(check.id, safe='')}"
            cells.setdefault(told.name, {})[column] = Cell(f"found-{number}", column, told, href)
        self.columns = [_column(columns[name], many=many) for name in sorted(columns)]
        self.rows: dict[str, list[Row]] = {}
        for name in sorted(cells):
            row = Row(next(iter(cells[name].values())).told, [cells[name].get(str(each)) for each in self.columns])
            self.rows.setdefault(name.partition(" ")[0], []).append(row)

    @property
    def cells(self) -> list[Cell]:
        """All cells, row by row, without the empty ones."""
        return [cell for rows in self.rows.values() for row in rows for cell in row.cells if cell]


class Audits:
    """Shows the outcomes of each audit and a link to the matrix; nothing if no session was audited."""

    def html(self, report: Report, templates: Environment) -> Markup:
        matrix = Matrix(report)
        if not matrix.columns:
            return Markup("")
        return Markup(templates.get_template("audits.html").render(columns=matrix.columns, href=AUDIT_FILE))


def _column(checks: Sequence[Check], *, many: bool) -> Column:
    """Return the column of one audit with these checks; ``many`` is whether the report has several projects."""
    first = checks[0]
    test = first.id.partition("[")[0].rpartition("::")[2]
    outcomes = [each.audited.outcome for each in checks if each.audited]
    return Column(first.group or first.place.partition(":")[0], test, first.project if many else "", outcomes)
