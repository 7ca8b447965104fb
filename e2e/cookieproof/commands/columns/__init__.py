"""Columns of the cross-browser table, a file for each kind."""

from cookieproof.commands.columns.column import BROKEN, DIFFERS, KEPT, NOT_RUN, Cell, Column, Promise
from cookieproof.commands.columns.project import ProjectColumn

__all__ = ["BROKEN", "DIFFERS", "KEPT", "NOT_RUN", "Cell", "Column", "ProjectColumn", "Promise"]
