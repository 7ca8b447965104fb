"""What a column of the cross-browser table is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from cookieproof.report.results import Check

KEPT, BROKEN, FLAKY, DIFFERS, NOT_RUN = "kept", "BROKEN", "flaky", "differs", "not run"


@dataclass(frozen=True)
class Promise:
    """A row: the test's name as a sentence, and what became of it, by the name of the project."""

    words: str
    cases: Mapping[str, Check]


@dataclass(frozen=True)
class Cell:
    """One word, and why, if it needs a reason below the table."""

    word: str
    why: str = ""


class Column(Protocol):
    """A column: its heading, what it says of each promise, and what is to be said of the whole column.

    ``remark`` is a sentence below the table, empty if there is nothing to say.
    """

    heading: str
    remark: str

    def cell(self, promise: Promise) -> Cell:
        """What it says of the promise: one word. A project of ``promise.cases`` that is not there has not run it."""
