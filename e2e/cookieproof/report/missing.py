"""Finds what merged runs lack of what was to run: a shard, a project, or the rest of a run that was killed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from cookieproof.report.files import AnotherVersion, NamesNoRun
from cookieproof.report.order import came_before
from cookieproof.report.results import Outcome, Refused, RefusedRun, Run


class Missing:
    """Finds what is missing besides these runs.

    ``remarks`` are sentences about what is missing, and about each run that did not end. ``refused`` are the files of
    other versions that are left out for good, and ``missing`` are the remarks about what is missing.
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        self._runs = runs
        self.remarks: list[str] = []
        self.refused: list[Refused] = []
        self.missing: list[str] = []

    def _note(self, remark: str) -> None:
        """Note that something is missing."""
        self.missing.append(remark)
        self.remarks.append(remark)

    def check_refused(self, refused: Refused, *, is_new: bool) -> None:
        """Note a file of another version as missing, unless each of its runs is here by now, or was replaced.

        A file that this merge was told to read (``is_new``) gets a remark even then.
        """
        here = {run.id for run in self._runs}
        came = all(run.id in here or self._is_replaced(run) for run in refused.runs) and bool(refused.runs)
        if not came:
            self.refused.append(refused)
            self._note(str(AnotherVersion(refused)))
        elif is_new:
            self.remarks.append(str(AnotherVersion(refused)))

    def check_killed_at_once(self, file: str) -> None:
        """Note the run as missing of which there is only this file, which does not name it."""
        self._note(str(NamesNoRun(file)))

    def check_run(self, run: Run, folder: Path, outcomes: Sequence[Outcome]) -> None:
        """Note the run's rest as missing if the run did not end, unless another run replaced it.

        ``folder`` is where the run's results are, and ``outcomes`` are those of its checks. An exit code of 1 without
        a failed check is noted, too.
        """
        of = f"{folder}: the run of {run.title}"
        if run.state in ("killed", "stopped"):
            because = f" ({run.why})" if run.why else ""
            was = "was killed half-way" if run.state == "killed" else f"was stopped before its end{because}"
            remark = f"{of} {was}: {len(outcomes)} of {run.tests} tests had ended."
            if self._is_replaced(run):
                self.remarks.append(remark)
            else:
                self._note(remark)
        elif run.exit_code == 1 and "broken" not in outcomes:
            self._note(f"{of} ended with exit code 1, though none of its tests failed: look at what it printed.")

    def check_that_something_ran(self, outcomes: Mapping[str, Sequence[Outcome]]) -> None:
        """Note it if no run has a test; ``outcomes`` are those of the checks of each run, by its id."""
        if self._runs and not any(outcomes.values()):
            self._note("No test has run: nothing was checked.")

    def _is_replaced(self, run: Run | RefusedRun) -> bool:
        """Return whether another run of the same shard has ended, unless it had fewer tests (``--last-failed``).

        A run that certainly came before is none. Of a run in a file that cannot be read only its time is known. How
        many tests a run had that was killed before it had collected them is unknown: the same command has as many.
        """
        of_the_shard = [each for each in self._runs if (each.project, each.shard) == (run.project, run.shard)]
        ended = [each for each in of_the_shard if each.state == "ended"]
        if isinstance(run, RefusedRun):
            return any(each.started > run.started and each.tests >= run.tests for each in ended)
        others = [each for each in ended if not came_before(each, run)]
        if not run.tests:
            return any(each.command == run.command for each in others)
        return any(each.tests >= run.tests for each in others)

    def check_shards(self, expected: Mapping[str, int]) -> None:
        """Note each project that has no run, and each shard that is missing.

        ``expected`` maps projects that must be there to their number of shards; 0 for as many as the runs say.
        """
        shards: dict[str, set[int]] = defaultdict(set)
        of: dict[str, set[int]] = defaultdict(set)
        split = {run.project for run in self._runs if run.shard}
        for run in self._runs:
            # Beside shards, a run of no shard is one of what failed in them (``--last-failed``).
            if run.state != "not had" and (run.shard or run.project not in split):
                shards[run.project].add(run.shard.number if run.shard else 1)
                of[run.project].add(run.shard.of if run.shard else 1)
        for project in dict.fromkeys([*expected, *shards]):
            if project not in shards:
                self._note(f"{project} was expected, and {self._why_none(project)}")
                continue
            count = expected.get(project) or max(of[project])
            if of[project] != {count}:
                counts = " and ".join(str(each) for each in sorted(of[project]))
                self._note(f"{project} was split in {counts}, not in {count}: run all with the same --splits.")
            for number in sorted({*range(1, count + 1)} - shards[project]):
                self._note(f"{project}: shard {number} of {count} is missing.")
        if not expected and not shards:
            self._note("No run is there: nothing was checked.")

    def _why_none(self, project: str) -> str:
        """Return why there is no run of the project, as the end of a sentence."""
        why = next((run.why for run in self._runs if run.project == project), "")
        return f"could not be had: {why}" if why else "no run of it is there."
