"""What a section of the report is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from jinja2 import Environment
from markupsafe import Markup

from cookieproof.report.results import WITHOUT_A_SITE, Check, Results


@dataclass(frozen=True)
class Run:
    """What a report tells: a title and results, and where the report is written."""

    path: Path
    title: str
    results: Results

    @property
    def checks(self) -> Sequence[Check]:
        """The checks that the report shows."""
        return self.results.promises

    @property
    def notes(self) -> Sequence[str]:
        """What is to be known of the runs."""
        of_runs = [note for run in self.results.runs for note in (*run.notes, *run.errors)]
        return list(dict.fromkeys([*self.results.remarks, *of_runs]))

    @property
    def groups(self) -> dict[str, list[Check]]:
        """The checks by the promise that they belong to, in the order of their names."""
        groups: dict[str, list[Check]] = {}
        for check in sorted(self.checks, key=lambda check: (check.group or "~", check.id)):
            groups.setdefault(check.group or WITHOUT_A_SITE, []).append(check)
        return groups

    @property
    def counts(self) -> Counter[str]:
        """How many are broken, flaky, not run, kept."""
        return self.results.counts


class Section(Protocol):
    """A part of the page. One is a file, and has a template next to it if it needs one."""

    def html(self, run: Run, templates: Environment) -> Markup:
        """Its markup. ``templates`` escapes what it is given: none of the run's text may become markup."""
