"""The session audits: ``audit.html``, a matrix of what each requirement came to, and what leads to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup

from cookieproof.report.page.section import Run
from cookieproof.report.results import Audited, Check

AUDIT_FILE = "audit.html"
# What needs a person's eye comes first; and how an outcome looks: as that of a check does.
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
    """What one requirement came to in one audit. ``id`` names it in the page, ``href`` leads to its check."""

    id: str
    column: str
    told: Audited
    href: str

    @property
    def look(self) -> str:
        return LOOKS[self.told.outcome]


@dataclass(frozen=True)
class Row:
    """One requirement, and its cells in the order of the columns: None where an audit has not asked it."""

    told: Audited
    cells: Sequence[Cell | None]

    @property
    def name(self) -> str:
        """Its name without the row of the WSTG, under which it stands."""
        return self.told.name.partition(" ")[2]


@dataclass(frozen=True)
class Column:
    """One audit in one project. ``title`` is what its module promises, ``test`` where it is declared."""

    title: str
    test: str
    project: str
    outcomes: Sequence[str] = ()

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.title, self.test, self.project)))

    @property
    def said(self) -> str:
        """How many requirements came to what."""
        counts = Counter(self.outcomes)
        return ", ".join(f"{counts[each]} {each}" for each in LOOKS if counts[each])


class Matrix:
    """The requirements of all audits of a run: ``rows`` by the row of the WSTG, ``columns`` by their titles."""

    def __init__(self, run: Run) -> None:
        many = len(run.results.projects) > 1
        cells: dict[str, dict[str, Cell]] = {}
        columns: dict[str, list[Check]] = {}
        audited = [(check, check.audited) for check in run.checks if check.audited]
        for number, (check, told) in enumerate(audited):
            column = str(_column([check], many=many))
            columns.setdefault(column, []).append(check)
            href = f"{quote(run.path.name)}#?q={quote(check.id, safe='')}"
            cells.setdefault(told.name, {})[column] = Cell(f"found-{number}", column, told, href)
        self.columns = [_column(columns[name], many=many) for name in sorted(columns)]
        self.rows: dict[str, list[Row]] = {}
        for name in sorted(cells):
            row = Row(next(iter(cells[name].values())).told, [cells[name].get(str(each)) for each in self.columns])
            self.rows.setdefault(name.partition(" ")[0], []).append(row)

    @property
    def cells(self) -> list[Cell]:
        """All cells, row by row."""
        return [cell for rows in self.rows.values() for row in rows for cell in row.cells if cell]


class Audits:
    """Says how each audit ended, and leads to the matrix; nothing where there is none."""

    def html(self, run: Run, templates: Environment) -> Markup:
        matrix = Matrix(run)
        if not matrix.columns:
            return Markup("")
        return Markup(templates.get_template("audits.html").render(columns=matrix.columns, href=AUDIT_FILE))


def _column(checks: Sequence[Check], *, many: bool) -> Column:
    """Return the column of these checks of one audit; ``many`` says whether the run has several projects."""
    first = checks[0]
    test = first.id.partition("[")[0].rpartition("::")[2]
    outcomes = [each.audited.outcome for each in checks if each.audited]
    return Column(first.group or first.place.partition(":")[0], test, first.project if many else "", outcomes)
