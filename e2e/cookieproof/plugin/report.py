"""``report.html``: one file for a run, with a picture for each check of what became of its cookies."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader

COLUMN, LANE, TOP, LEFT = 30, 26, 140, 210  # pixels of the picture


@dataclass
class Check:
    """One test that had a site: its verdict is kept, broken or not run."""

    nodeid: str
    group: str
    verdict: str = "not run"
    seconds: float = 0.0
    # What was wrong, or why it did not run; and the command with which a person watches it.
    text: str = ""
    command: str = ""
    timeline: dict[str, Any] | None = None
    artifacts: list[tuple[str, str]] = field(default_factory=list)
    differs: list[str] = field(default_factory=list)

    def add(self, phase: Any, timeline: dict[str, Any] | None, command: str) -> None:
        """Take in pytest's report of one phase: the worst verdict stays."""
        self.seconds += phase.duration
        if phase.failed:
            self.verdict, self.command = "broken", command
            self.text = f"{self.text}\n\n{phase.longreprtext}".strip()
        elif hasattr(phase, "wasxfail") and not phase.passed:
            self.text = f"expected to fail: {phase.wasxfail}".removesuffix(": ")
        elif phase.skipped and self.verdict != "broken":
            self.text = phase.longrepr[2].removeprefix("Skipped: ") if phase.longrepr else ""
        elif phase.when == "call" and phase.passed:  # pytest-rerunfailures knows of another outcome
            self.verdict = "kept"
        if phase.when == "call":
            self.differs = [value for name, value in phase.user_properties if name == "differs"]
        if phase.when == "teardown":
            self.timeline = timeline
            prefix = "playwright_"
            self.artifacts = [
                (name.removeprefix(prefix), path) for name, path in phase.user_properties if name.startswith(prefix)
            ]

    @property
    def words(self) -> str:
        """The test's name as a sentence: ``a plain cookie ends with the browser [firefox]``."""
        name = self.nodeid.partition("::")[2].removeprefix("test_")
        function, bracket, parameters = name.partition("[")
        return function.replace("_", " ") + (f" [{parameters}" if bracket else "")


def write(path: Path, title: str, checks: Sequence[Check], notes: Sequence[str]) -> None:
    """Write the report beside the artifacts that it links to."""
    groups: dict[str, list[Check]] = {}
    for check in sorted(checks, key=lambda check: (check.group, check.nodeid)):
        groups.setdefault(check.group, []).append(check)
    # None of the run's text becomes markup.
    page = Environment(
        loader=PackageLoader("cookieproof", "plugin"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    page.filters["href"] = lambda file: Path(os.path.relpath(file, path.parent)).as_posix()
    text = page.get_template("report.html").render(
        title=title,
        groups=groups,
        counts=Counter(check.verdict for check in checks),
        notes=notes,
        column=COLUMN,
        lane=LANE,
        top=TOP,
        left=LEFT,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
