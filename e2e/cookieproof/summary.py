"""How a run ends on the terminal: a line for each group of promises, the browser starts, the artifacts."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest


def group_of(item: pytest.Item) -> str:
    """The promise that a test module makes: the first line of its docstring, else its name."""
    module = item.getparent(pytest.Module)
    if module is None:
        return item.nodeid.partition("::")[0]
    said = (module.obj.__doc__ or "").strip().partition("\n")[0].rstrip(".")
    return said or module.name


class Summary:
    """Adds up the reports of one run, whichever worker sent them."""

    def __init__(self, output: str, report: str | None) -> None:
        self._output, self._report = os.path.relpath(output), report
        self._launches: Counter[str] = Counter()
        # By group, then by test: the worst that a phase of the test had to say.
        self._verdicts: dict[str, dict[str, str]] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        told = getattr(report, "cookieproof", {"group": None, "launches": []})
        self._launches.update(told["launches"])
        if told["group"]:
            verdicts = self._verdicts.setdefault(told["group"], {})
            if report.failed:
                verdicts[report.nodeid] = "broken"
            elif report.skipped:
                verdicts.setdefault(report.nodeid, "not run")
            elif report.when == "call":
                verdicts.setdefault(report.nodeid, "kept")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if not self._verdicts:
            return
        terminalreporter.section("promises")
        for group, verdicts in sorted(self._verdicts.items()):
            counts = Counter(verdicts.values())
            state = "BROKEN" if counts["broken"] else "kept" if counts["kept"] else "not run"
            detail = ", ".join(f"{counts[each]} {each}" for each in ("kept", "broken", "not run") if counts[each])
            colour = {"BROKEN": "red", "kept": "green"}.get(state, "yellow")
            terminalreporter.write(f"{state:8}", **{colour: True})
            terminalreporter.write_line(f"{group} ({detail})")
        starts = ", ".join(f"{count} of {browser}" for browser, count in self._launches.items())
        terminalreporter.write_line(f"browser starts: {self._launches.total()}{f' ({starts})' if starts else ''}")
        terminalreporter.write_line(f"artifacts: {self._output}{f', report: {self._report}' if self._report else ''}")
