"""Writes ``results.json`` and ``report.html`` at the end of a run, and prints a line for each group of promises."""

from __future__ import annotations

import os
import shlex
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from cookieproof.plugin import options
from cookieproof.plugin.crashes import told_by_its_id
from cookieproof.plugin.report_data import ReportData
from cookieproof.plugin.run_metadata import program, run_metadata
from cookieproof.plugin.run_results import RunResults, failure_text
from cookieproof.promises.audit.judging import NOTHING_PASSED, nothing_passed
from cookieproof.report.github import annotation_lines, append_summary
from cookieproof.report.output import starts_of, title
from cookieproof.report.page import Report, write
from cookieproof.report.results import Audited, Check, Results, Verdict, first_sentence
from cookieproof.words import counted

SLOW_MO = 400
RERUNFAILURES_FLAKY = 7  # its exit code
AUDIT_COLOURS = {"failed": "red", "passed": "green"}
COLOURS = {"BROKEN": "red", "kept": "green"}
IN_WORDS: tuple[Verdict, ...] = ("kept", "flaky", "broken", "not run")


class Summary:
    """Adds up the reports of one run, from all workers, and writes its files and its summary on the terminal."""

    def __init__(self, config: pytest.Config) -> None:
        self._config, self._start = config, time.monotonic()
        self._gathered: RunResults | None = None
        self._results: Results | None = None
        self._interrupted = self._failed = self._not_appended = ""

    def pytest_sessionstart(self) -> None:
        if not self._config.option.collectonly:
            self._gathered = RunResults(run_metadata(self._config), options.output(self._config))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if self._gathered and session.items:
            self._gathered.expect(len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        if self._gathered:
            self._gathered.expect(len(ids))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if self._gathered and report.failed:
            self._gathered.not_collected(f"{report.nodeid} was not collected: {first_sentence(failure_text(report))}")

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self._interrupted = f"stopped by {excinfo.typename}{f': {excinfo.value}' if str(excinfo.value) else ''}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        if not self._gathered:
            return
        told: ReportData = getattr(report, "cookieproof", None) or told_by_its_id(report.nodeid)
        command = self._command(told.nodeid)
        if report.failed and told.group:
            report.sections.append(("To watch it fail", command))
        self._gathered.add(report, told, command)

    def _write_audits(self, terminalreporter: Any, checks: Sequence[Check]) -> None:
        """Write a line for each requirement of an audit, with its source, and below it what was found."""
        audits: dict[str, list[Audited]] = {}
        for check in checks:
            if check.audited:
                audits.setdefault(check.id.partition("[")[0], []).append(check.audited)
        for audit, rows in audits.items():
            for told in sorted(rows, key=lambda each: each.name):
                terminalreporter.write(f"{told.outcome:14}", **{AUDIT_COLOURS.get(told.outcome, "yellow"): True})
                source = f"{told.asvs}, level {told.level}" if told.asvs else "no ASVS id"
                terminalreporter.line(f"{told.name} ({source}): {told.sentence}")
                if told.text:
                    terminalreporter.line(f"{'':14}{first_sentence(told.text)}")
            if nothing_passed(each.outcome for each in rows):
                terminalreporter.line(f"{audit}: {NOTHING_PASSED}")

    def _command(self, nodeid: str) -> str:
        """Return the command line that shows this check in a window, at the site of this run."""
        option = self._config.option
        words = [*program(), nodeid, "--headed", "--slowmo", str(SLOW_MO)]
        if option.project and options.engine(self._config).has_window:
            words += ["--project", option.project]
        else:  # what has no window is watched in the whole browser
            words += ["--browser", option.browser[0]]
        return shlex.join([*words, *options.words_for_the_site(self._config)])

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if not self._gathered:
            return
        why = self._interrupted or str(session.shouldstop or session.shouldfail or "")
        stopped = bool(why) or exitstatus not in (
            pytest.ExitCode.OK,
            pytest.ExitCode.TESTS_FAILED,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        )
        self._fail_on_flaky(session)
        self._results = self._gathered.finish(
            state="stopped" if stopped else "ended",
            why=why,
            exit_code=int(session.exitstatus),
            seconds=round(time.monotonic() - self._start, 3),
        )
        folder = options.output(self._config)
        write(Report(folder / "report.html", title(self._results), self._results))
        self._not_appended = append_summary(self._results, os.path.relpath(folder / "report.html"))

    def _fail_on_flaky(self, session: pytest.Session) -> None:
        # pytest-rerunfailures would exit with 7, and with 0 where xdist runs the tests.
        if self._gathered and getattr(self._config.option, "fail_on_flaky", False) and (count := self._gathered.flaky):
            self._failed = f"{options.FAIL_ON_FLAKY}: the run fails for {counted(count, 'flaky check')}"
            if session.exitstatus in (pytest.ExitCode.OK, RERUNFAILURES_FLAKY):
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        checks = self._results.promises if self._results else []
        if not (self._results and checks):
            return
        line = terminalreporter.line  # write_line would begin another line after what was written
        terminalreporter.ensure_newline()
        for annotation in annotation_lines(self._results, self._config.rootpath):
            line(annotation)
        terminalreporter.section("promises")
        groups: dict[str, Counter[str]] = {}
        for check in checks:
            if check.group:
                groups.setdefault(check.group, Counter())[check.outcome] += 1
        for group, counts in sorted(groups.items()):
            state = next((word for verdict, word in STATES.items() if counts[verdict]), "not run")
            detail = ", ".join(f"{counts[each]} {each}" for each in IN_WORDS if counts[each])
            terminalreporter.write(f"{state:8}", **{COLOURS.get(state, "yellow"): True})
            line(f"{group} ({detail})")
        self._write_audits(terminalreporter, checks)
        reasons = Counter(
            check.text for check in checks if check.outcome == "not run" and check.text and not check.audited
        )
        for reason, count in reasons.items():
            line(f"not run: {reason} ({counted(count, 'check')})")
        for check in checks:
            if check.outcome == "flaky":
                line(f"flaky: {check.words} failed before it passed: {first_sentence(check.text)}")
        for said in filter(None, (self._failed, self._not_appended)):
            line(said)
        [run] = self._results.runs
        for note in run.notes:
            line(note)
        starts = starts_of(self._results)
        line(f"browser starts: {sum(run.browser_starts.values())}{f' ({starts})' if starts else ''}")
        folder = os.path.relpath(options.output(self._config))
        line(f"artifacts: {folder}, report: {os.path.join(folder, 'report.html')}")


STATES: dict[Verdict, str] = {"broken": "BROKEN", "flaky": "flaky", "kept": "kept"}
