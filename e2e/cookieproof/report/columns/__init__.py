"""Columns of the cross-browser table, a file for each kind. To add one, write a file and name it in ``COLUMNS``."""

from collections.abc import Callable, Mapping, Sequence

from cookieproof.report.columns.column import BROKEN, DIFFERS, FLAKY, KEPT, NOT_RUN, Cell, Column, Promise
from cookieproof.report.columns.project import ProjectColumn, project_columns

# Each function returns the columns of one kind. Its argument maps each project to why it could not be run, or to "".
COLUMNS: list[Callable[[Mapping[str, str]], Sequence[Column]]] = [project_columns]

__all__ = ["BROKEN", "COLUMNS", "DIFFERS", "FLAKY", "KEPT", "NOT_RUN", "Cell", "Column", "ProjectColumn", "Promise"]
