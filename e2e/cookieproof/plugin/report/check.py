"""One check, as the report shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cookieproof.plugin.report_data import ReportData


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
    # The test's name as a sentence.
    words: str = ""

    def add(self, phase: Any, data: ReportData, command: str) -> None:
        """Take in pytest's report of one phase: the worst verdict stays."""
        self.seconds += phase.duration
        if phase.failed:
            self.verdict, self.command = "broken", command
            self.text = f"{self.text}\n\n{phase.longreprtext}".strip()
        elif hasattr(phase, "wasxfail") and not phase.passed:
            self.text = f"expected to fail: {phase.wasxfail}".removesuffix(": ")
        elif phase.skipped and self.verdict != "broken":
            self.text = data.skipped
        elif phase.when == "call" and phase.passed:  # pytest-rerunfailures knows of another outcome
            self.verdict = "kept"
        self.differs = self.differs or data.differs
        if phase.when == "teardown":
            self.timeline, self.artifacts = data.timeline, data.artifacts
