"""Defines a section of the report, and the data that all sections show."""

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
class Report:
    """The results that a report shows, its title, and the path of its file."""

    path: Path
    title: str
    results: Results

    @property
    def checks(self) -> Sequence[Check]:
        """The checks that the report shows."""
        return self.results.promises

    @property
    def notes(self) -> Sequence[str]:
        """The remarks of a merge, and the notes and errors of all runs, each once."""
        of_runs = [note for run in self.results.runs for note in (*run.notes, *run.errors)]
        return list(dict.fromkeys([*self.results.remarks, *of_runs]))

    @property
    def groups(self) -> dict[str, list[Check]]:
        """The checks by their groups, in the order of the groups' names; those without a site come last."""
        groups: dict[str, list[Check]] = {}
        for check in sorted(self.checks, key=lambda check: (check.group or "~", check.id)):
            groups.setdefault(check.group or WITHOUT_A_SITE, []).append(check)
        return groups

    @property
    def counts(self) -> Counter[str]:
        """How many of the promises have each verdict."""
        return self.results.counts


class Section(Protocol):
    """A part of the page. Each is a class in a file of its own, with a template of the same name if it needs one."""

    def html(self, report: Report, templates: Environment) -> Markup:
        """Return the markup of this section for the report; empty markup if it has nothing to show.

        ``templates`` escapes what its templates are given: no text of the results may become markup.
        """
