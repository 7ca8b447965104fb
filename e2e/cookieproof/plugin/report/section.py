"""What a section of the report is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from jinja2 import Environment
from markupsafe import Markup

from cookieproof.plugin.report.check import Check


@dataclass(frozen=True)
class Run:
    """What a report tells: a title, the checks and the notes of one run, and where the report is written."""

    path: Path
    title: str
    checks: Sequence[Check]
    notes: Sequence[str]

    @property
    def groups(self) -> dict[str, list[Check]]:
        """The checks by the promise that they belong to, in the order of their names."""
        groups: dict[str, list[Check]] = {}
        for check in sorted(self.checks, key=lambda check: (check.group, check.nodeid)):
            groups.setdefault(check.group, []).append(check)
        return groups

    @property
    def counts(self) -> Counter[str]:
        """How many are kept, broken, not run."""
        return Counter(check.verdict for check in self.checks)


class Section(Protocol):
    """A part of the page. One is a file, and has a template next to it if it needs one."""

    def html(self, run: Run, templates: Environment) -> Markup:
        """Its markup. ``templates`` escapes what it is given: none of the run's text may become markup."""
