"""How a run ends on the terminal: a line for each group of promises, the browser starts, where to look further."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cookieproof.plugin import options
from cookieproof.plugin.report import Check, Run, write
from cookieproof.plugin.report_data import ReportData

SLOW_MO = 400


class Summary:
    """Adds up the reports of one run, whichever worker sent them, and writes ``report.html``."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._launches: Counter[str] = Counter()
        self._notes: dict[str, None] = {}
        self._checks: dict[str, Check] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        data: ReportData = getattr(report, "cookieproof", ReportData())
        self._launches.update(data.launches)
        self._notes.update(dict.fromkeys(data.notes))
        if not data.group:
            return
        nodeid = data.nodeid
        command = self._command(nodeid)
        if report.failed:
            report.sections.append(("To watch it fail", command))
        check = self._checks.setdefault(nodeid, Check(nodeid, data.group, words=data.words))
        check.add(report, data, command)

    def _command(self, nodeid: str) -> str:
        """What a person types to see the same check in a window."""
        program = Path(sys.argv[0])
        if program.name == "__main__.py":
            python = Path(sys.executable)
            run = [python.name if shutil.which(python.name) == str(python) else os.path.relpath(python), "-m", "pytest"]
        else:
            run = [os.path.relpath(program)]
        option = self._config.option
        words = [*run, nodeid, "--headed", "--slowmo", str(SLOW_MO)]
        if option.project and options.engine(self._config).has_window:
            words += ["--project", option.project]
        else:  # what has no window is watched in the whole browser
            words += ["--browser", option.browser[0]]
        words += ["--site", option.site] if option.site else []
        return shlex.join(words)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if not self._checks:
            return
        line = terminalreporter.line  # write_line would begin another line after what was written
        terminalreporter.section("promises")
        groups: dict[str, Counter[str]] = {}
        for check in self._checks.values():
            groups.setdefault(check.group, Counter())[check.verdict] += 1
        for group, counts in sorted(groups.items()):
            state = "BROKEN" if counts["broken"] else "kept" if counts["kept"] else "not run"
            detail = ", ".join(f"{counts[each]} {each}" for each in ("kept", "broken", "not run") if counts[each])
            colour = {"BROKEN": "red", "kept": "green"}.get(state, "yellow")
            terminalreporter.write(f"{state:8}", **{colour: True})
            line(f"{group} ({detail})")
        reasons = Counter(check.text for check in self._checks.values() if check.verdict == "not run" and check.text)
        for reason, count in reasons.items():
            line(f"not run: {reason} ({count} check{'s' if count > 1 else ''})")
        for note in self._notes:
            line(note)
        starts = ", ".join(f"{count} of {browser}" for browser, count in self._launches.items())
        line(f"browser starts: {self._launches.total()}{f' ({starts})' if starts else ''}")
        folder = options.output(self._config)
        title = f"{self._config.option.project or self._config.option.browser[0]}: {starts or 'no browser was started'}"
        write(Run(folder / "report.html", title, list(self._checks.values()), [*self._notes]))
        line(f"artifacts: {os.path.relpath(folder)}, report: {os.path.relpath(folder / 'report.html')}")
