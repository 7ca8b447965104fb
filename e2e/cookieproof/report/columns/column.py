"""Defines a column of the cross-browser table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from cookieproof.report.results import Check

KEPT, BROKEN, FLAKY, DIFFERS, NOT_RUN = "kept", "BROKEN", "flaky", "differs", "not run"


@dataclass(frozen=True)
class Promise:
    """A row of the table: the test's name as a sentence (``words``), and its check in each project (``cases``)."""

    words: str
    cases: Mapping[str, Check]


@dataclass(frozen=True)
class Cell:
    """One word, and the reason for it, which is written below the table; empty if it needs none."""

    word: str
    why: str = ""


class Column(Protocol):
    """A column: a heading, and a cell for each promise.

    ``remark`` is a sentence about the whole column, which is written below the table; empty without one.
    """

    heading: str
    remark: str

    def cell(self, promise: Promise) -> Cell:
        """Return the cell for this promise. A project that is not in ``promise.cases`` has not run it."""
