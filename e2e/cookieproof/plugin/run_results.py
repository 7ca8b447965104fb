"""Adds up the reports on the phases of each test into the run's results."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from cookieproof.plugin.report_data import ReportData
from cookieproof.report.files import Journal, write
from cookieproof.report.results import NO_TIMELINE, Artifact, Attempt, Audited, Check, Outcome, Results, Run, verdict

RERUN = "rerun"  # the outcome that pytest-rerunfailures gives to a failure after which it runs the test again


@dataclass
class _Trial:
    """An attempt of a test, to which the reports on its phases are added."""

    outcome: Outcome = "not run"
    seconds: float = 0.0
    text: str = ""
    differs: list[str] = field(default_factory=list)
    timeline: dict[str, Any] | None = None
    artifacts: list[tuple[str, str]] = field(default_factory=list)
    audited: dict[str, Any] | None = None

    def add(self, phase: Any, told: ReportData) -> None:
        """Add pytest's report on one phase, with the data that the test sent; the worst outcome stays."""
        self.seconds += phase.duration
        if phase.failed or phase.outcome == RERUN:
            self.outcome = "broken"
            self.text = f"{self.text}\n\n{failure_text(phase)}".strip()
        elif hasattr(phase, "wasxfail") and not phase.passed:
            self.text = f"expected to fail: {phase.wasxfail}".removesuffix(": ")
        elif phase.skipped and self.outcome != "broken":
            self.text = told.skipped
        elif phase.when == "call" and phase.passed:
            self.outcome = "kept"
        self.differs = self.differs or told.differs
        if phase.when == "teardown":
            self.timeline, self.artifacts, self.audited = told.timeline, told.artifacts, told.audited


@dataclass
class _Tried:
    """One check: its attempts, and the data that are the same for all of them."""

    told: ReportData
    command: str
    trials: list[_Trial] = field(default_factory=list)

    def begin(self) -> _Trial:
        """Add an attempt, and return it."""
        self.trials.append(_Trial())
        return self.trials[-1]


class RunResults:
    """Adds up the reports of one run, from all workers, and writes ``results.json`` into the folder."""

    def __init__(self, run: Run, folder: Path) -> None:
        self._run, self._folder = run, folder
        self._checks: dict[str, _Tried] = {}
        self._trials: dict[str, tuple[_Tried, _Trial]] = {}  # by the test's whole id, in which repetitions differ
        self._launches: Counter[str] = Counter()
        self._notes: dict[str, None] = {}
        self._errors: dict[str, None] = {}
        self._journal = Journal(folder)
        self._journal.note(self._killed())

    def _killed(self) -> Run:
        return msgspec.structs.replace(self._run, state="killed", why="the run was killed")

    def expect(self, tests: int) -> None:
        """Note the number of tests that are to run."""
        if tests != self._run.tests:
            self._run = msgspec.structs.replace(self._run, tests=tests)
            self._journal.note(self._killed())

    def not_collected(self, error: str) -> None:
        """Note an error of no test, such as a file that was not collected."""
        self._errors[clean(error)] = None

    def add(self, report: Any, told: ReportData, command: str) -> None:
        """Add pytest's report on one phase of a test, with the data that the test sent.

        ``command`` is the command line that shows the test in a window.
        """
        self._launches.update(told.launches)
        self._notes.update(dict.fromkeys(map(clean, told.notes)))
        if report.nodeid not in self._trials or report.when == "setup":
            of = self._checks.setdefault(told.nodeid, _Tried(told, command))
            self._trials[report.nodeid] = of, of.begin()
        # Of a worker that has crashed xdist knows the whole id alone, and not which check it is.
        tried, trial = self._trials[report.nodeid]
        trial.add(report, told)
        if report.when not in ("setup", "call"):
            self._journal.note(self._check(tried, self._engine("")))

    @property
    def flaky(self) -> int:
        """The number of checks that failed before they passed."""
        outcomes = (verdict([*map(self._attempt, tried.trials)]) for tried in self._checks.values())
        return [*outcomes].count("flaky")

    def finish(self, **facts: Any) -> Results:
        """Write ``results.json`` with these fields of the run, and return the results."""
        self._journal.close()
        engine = self._engine(self._run.engine)
        self._run = msgspec.structs.replace(
            self._run,
            engine=engine,
            browser_starts=dict(self._launches),
            notes=[*self._notes],
            errors=[*self._errors],
            **facts,
        )
        checks = [self._check(tried, engine) for tried in self._checks.values()]
        results = Results(runs=[self._run], checks=checks)
        write(results, self._folder)
        return results

    def _engine(self, otherwise: str) -> str:
        return next((name for name, _ in self._launches.most_common(1)), otherwise or self._run.engine)

    def _check(self, tried: _Tried, engine: str) -> Check:
        told, attempts = tried.told, [*map(self._attempt, tried.trials)]
        outcome = verdict(attempts)
        return Check(
            id=told.nodeid,
            project=self._run.project,
            engine=engine,
            group=None if told.group is None else clean(told.group),
            words=clean(told.words),
            promise=clean(told.promise_words),
            place=told.place,
            outcome=outcome,
            differs=list(dict.fromkeys(clean(line) for trial in tried.trials for line in trial.differs)),
            command=tried.command,
            attempts=attempts,
            audited=_audited(tried.trials[-1].audited),
        )

    def _attempt(self, trial: _Trial) -> Attempt:
        return Attempt(
            run=self._run.id,
            outcome=trial.outcome,
            seconds=round(trial.seconds, 3),
            text=clean(trial.text),
            timeline=NO_TIMELINE if trial.timeline is None else msgspec.Raw(msgspec.json.encode(trial.timeline)),
            artifacts=[Artifact(kind, path) for kind, path in trial.artifacts],
        )


def failure_text(report: Any) -> str:
    """Return pytest's text of a failure, without its first line if that names xdist's worker."""
    text: str = report.longreprtext
    return text.partition("\n")[2] if hasattr(report, "node") else text


def _audited(told: dict[str, Any] | None) -> Audited | None:
    return None if told is None else Audited(**{**told, "text": clean(told["text"])})


def clean(text: str) -> str:
    """Return the text with lone surrogates escaped, which UTF-8 cannot encode."""
    return text.encode("utf-8", "backslashreplace").decode()
