"""What merged runs lack of what was to run: a shard, a project, the rest of a run that was killed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from cookieproof.report.files import AnotherVersion
from cookieproof.report.results import Outcome, Refused, RefusedRun, Run


class Missing:
    """Looks what is missing beside these runs.

    ``remarks`` says it, and what else there is to say of a run. ``refused`` are the files that remain left out.
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        self._runs = runs
        self.remarks: list[str] = []
        self.refused: list[Refused] = []
        self.is_whole = True

    def _lack(self, remark: str) -> None:
        self.is_whole = False
        self.remarks.append(remark)

    def look_at_refused(self, refused: Refused, *, is_new: bool) -> None:
        """Look whether all its runs are here by now, or stood in for. A file that is named just now (``is_new``) is
        said to be left out even so."""
        here = {run.id for run in self._runs}
        came = all(run.id in here or self._is_stood_in_for(run) for run in refused.runs) and bool(refused.runs)
        if not came:
            self.refused.append(refused)
            self._lack(str(AnotherVersion(refused)))
        elif is_new:
            self.remarks.append(str(AnotherVersion(refused)))

    def look_at(self, run: Run, folder: Path, outcomes: Sequence[Outcome]) -> None:
        """Look whether the run ended. ``folder`` is where its results are, ``outcomes`` are those of its checks."""
        of = f"{folder}: the run of {run.title}"
        if run.state in ("killed", "stopped"):
            because = f" ({run.why})" if run.why else ""
            was = "was killed half-way" if run.state == "killed" else f"was stopped before its end{because}"
            remark = f"{of} {was}: {len(outcomes)} of {run.tests} tests had ended."
            if self._is_stood_in_for(run):
                self.remarks.append(remark)
            else:
                self._lack(remark)
        elif run.exit_code == 1 and "broken" not in outcomes:
            self._lack(f"{of} ended with exit code 1, though none of its tests failed: look at what it printed.")

    def _is_stood_in_for(self, run: Run | RefusedRun) -> bool:
        """Whether one of the same shard has run to its end since then, unless it was of fewer tests (--last-failed)."""
        later = (each for each in self._runs if each.state == "ended" and each.started > run.started)
        return any((each.project, each.shard) == (run.project, run.shard) and each.tests >= run.tests for each in later)

    def look_for_shards(self, expected: Mapping[str, int]) -> None:
        """Look for each shard of each project: so many as are expected, or, for 0, as its runs say."""
        shards: dict[str, set[int]] = defaultdict(set)
        of: dict[str, set[int]] = defaultdict(set)
        for run in self._runs:
            if run.state != "not had":
                shards[run.project].add(run.shard.number if run.shard else 1)
                of[run.project].add(run.shard.of if run.shard else 1)
        for project in dict.fromkeys([*expected, *shards]):
            if project not in shards:
                self._lack(f"{project} was expected, and {self._why_none(project)}")
                continue
            count = expected.get(project) or max(of[project])
            if of[project] != {count}:
                counts = " and ".join(str(each) for each in sorted(of[project]))
                self._lack(f"{project} was split in {counts}, not in {count}: run all with the same --splits.")
            for number in sorted({*range(1, count + 1)} - shards[project]):
                self._lack(f"{project}: shard {number} of {count} is missing.")
        if not expected and not shards:
            self._lack("No run is there: nothing was checked.")

    def _why_none(self, project: str) -> str:
        why = next((run.why for run in self._runs if run.project == project), "")
        return f"could not be had: {why}" if why else "no run of it is there."
