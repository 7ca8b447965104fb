"""Merges the results of several runs: shards, engines, attempts and repeated runs. No attempt is counted twice."""

from __future__ import annotations

import itertools
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import msgspec

from cookieproof.errors import CookieproofError
from cookieproof.report.files import AnotherVersion, NamesNoRun, read
from cookieproof.report.missing import Missing
from cookieproof.report.order import in_order, verdict_of_runs
from cookieproof.report.results import (
    RESULTS_FILE,
    Artifact,
    Attempt,
    Check,
    LostFile,
    Merge,
    Outcome,
    Refused,
    Results,
    Run,
)
from cookieproof.report.sources import Source, fullest
from cookieproof.words import counted, printable, quoted

MOST_NAMED = 3  # checks or files that a remark names
replace = msgspec.structs.replace


@dataclass
class Merged:
    """Merged results.

    ``is_whole`` is whether nothing is missing of what was to run. ``files`` are the artifacts, each with its present
    path and its path in the merged results.
    """

    results: Results
    is_whole: bool = True
    files: list[tuple[Path, str]] = field(default_factory=list)

    def exit_code(self, *, fail_on_flaky: bool = False) -> int:
        """Return 1 if a check failed or something is missing, else 0. A flaky check counts if ``fail_on_flaky``."""
        outcomes = {check.outcome for check in self.results.checks}
        return int(not self.is_whole or "broken" in outcomes or (fail_on_flaky and "flaky" in outcomes))


class Merging:
    """Merges the results that ``add`` takes.

    ``expect_shards`` is the number of shards that each project must have: 0 for any number, None for as many as the
    runs say, or an earlier merge expected. ``expect_projects`` are the projects that must have a run.
    """

    def __init__(self, expect_shards: int | None = None, expect_projects: Sequence[str] = ()) -> None:
        self._expect_shards, self._expect_projects = expect_shards, expect_projects
        self._expected_before: dict[str, int] = {}
        # Refused files by their paths, each with whether this merge was told to read it.
        self._refused: dict[str, tuple[Refused, bool]] = {}
        self._without_a_run: dict[str, None] = {}
        self._lost_files: list[LostFile] = []
        self._remarks: list[str] = []
        self._runs: dict[str, Run] = {}
        self._folder_of: dict[str, Path] = {}
        self._tried: dict[tuple[str, str], list[tuple[Check, Attempt]]] = defaultdict(list)
        self._files: list[tuple[Path, str]] = []
        self._fullest: dict[str, Path] = {}

    def read(self, folders: Sequence[Path]) -> list[Source]:
        """Return the results in each folder, and note which folder has most of each run, for ``add``.

        Files of another version, and those that name no run, are left out, with a remark. Raises ``AnotherVersion`` or
        ``NamesNoRun`` if all are left out.
        """
        sources: list[Source] = []
        left_out: list[CookieproofError] = []
        for folder in folders:
            try:
                sources.append(Source(folder, read(folder)))
            except AnotherVersion as error:
                left_out.append(error)
                self._refused[error.refused.file] = error.refused, True
            except NamesNoRun as error:
                left_out.append(error)
                self._without_a_run[error.file] = None
        if left_out and not sources:
            raise left_out[0]
        self._fullest = fullest(sources)
        return sources

    def add(self, source: Source, prefix: str) -> None:
        """Add the results of one folder, except runs of which another folder has as much, or more.

        ``prefix`` is the folder of its artifacts in the merged results. Raises ``CookieproofError`` for an artifact
        outside of its folder.
        """
        before, new = source.results.merge or Merge(), set[str]()
        for project, shards in before.expected.items():
            self._expected_before[project] = max(shards, self._expected_before.get(project, 0))
        for refused in before.refused:
            self._refused.setdefault(refused.file, (refused, False))
        self._without_a_run |= dict.fromkeys(before.without_a_run)
        for run in source.results.runs:
            first = self._fullest.get(run.id) or self._folder_of.get(run.id, source.folder)
            if first != source.folder:
                # cross-browser merges runs from the folders below its own
                if first not in source.folder.parents and source.folder not in first.parents:
                    self._remarks.append(f"{source.folder} holds the same run as {first}: it is counted once.")
                continue
            new.add(run.id)
            self._runs[run.id], self._folder_of[run.id] = run, source.folder
        self._lost_files += [each for each in before.lost_files if each.run in new]
        for check in source.results.checks:
            for attempt in check.attempts:
                if attempt.run in new:
                    artifacts = [*self._artifacts(attempt, source.folder, prefix)]
                    moved = replace(attempt, artifacts=artifacts) if attempt.artifacts else attempt
                    self._tried[check.project, check.id].append((check, moved))

    def _artifacts(self, attempt: Attempt, folder: Path, prefix: str) -> Iterator[Artifact]:
        for artifact in attempt.artifacts:
            path = folder / PurePosixPath(artifact.path)
            # ".." may lead back into this folder, and out of that of the merged report.
            outward = "\0" in artifact.path or ".." in PurePosixPath(artifact.path).parts
            if outward or not path.resolve().is_relative_to(folder.resolve()):
                raise CookieproofError(
                    f"{folder / RESULTS_FILE} names the file {quoted(artifact.path)}, which is not in its folder: "
                    "nothing was merged, since no run writes that."
                )
            if not path.is_file():
                self._lost_files.append(LostFile(attempt.run, artifact.path))
                continue
            to = (PurePosixPath(prefix) / artifact.path).as_posix()
            self._files.append((path, to))
            yield Artifact(artifact.kind, to)

    def merged(self) -> Merged:
        """Return all that was added, merged."""
        place_of = in_order(self._runs.values())
        runs = sorted(self._runs.values(), key=lambda run: place_of[run.id])
        missing = Missing(runs)
        for refused, is_new in self._refused.values():
            missing.check_refused(refused, is_new=is_new)
        for file in self._without_a_run:
            missing.check_killed_at_once(file)
        outcomes = self._outcomes()
        for run in self._runs.values():
            missing.check_run(run, self._folder_of[run.id], outcomes[run.id])
        expected = self._expected()
        if self._expect_shards != 0:
            missing.check_shards(expected)
            missing.check_that_something_ran(outcomes)
        self._name_lost_files()
        checks = [self._check(tried, place_of) for tried in self._tried.values()]
        self._name_duplicates()
        merge = Merge(
            expected=expected,
            refused=missing.refused,
            without_a_run=[*self._without_a_run],
            lost_files=self._lost_files,
            missing=_each_once(missing.missing),
        )
        remarks = _each_once([*self._remarks, *missing.remarks])
        results = Results(runs=runs, checks=checks, remarks=remarks, merge=merge)
        return Merged(results, not missing.missing, self._files)

    def _outcomes(self) -> dict[str, list[Outcome]]:
        """Return the outcomes of the checks of each run, by its id: "broken" if one of the run's attempts failed."""
        found: dict[str, list[Outcome]] = defaultdict(list)
        for tried in self._tried.values():
            of_run: dict[str, Outcome] = {}
            for _, attempt in tried:
                of_run[attempt.run] = "broken" if of_run.get(attempt.run) == "broken" else attempt.outcome
            for run, outcome in of_run.items():
                found[run].append(outcome)
        return found

    def _expected(self) -> dict[str, int]:
        """Return the projects that must have a run, each with its number of shards (0: as many as its runs say).

        The options of this merge win over those of an earlier one.
        """
        expected = self._expected_before | {name: self._expected_before.get(name, 0) for name in self._expect_projects}
        if self._expect_shards:
            there = [run.project for run in self._runs.values() if run.state != "not had"]
            expected |= dict.fromkeys([*expected, *there], self._expect_shards)
        return expected

    def _name_lost_files(self) -> None:
        lost: dict[Path, list[str]] = defaultdict(list)
        for each in self._lost_files:
            lost[self._folder_of[each.run]].append(each.path)
        for folder, paths in lost.items():
            self._remarks.append(f"{folder} lacks {_some(paths, 'file')} that its {RESULTS_FILE} names.")

    def _check(self, tried: list[tuple[Check, Attempt]], place_of: Mapping[str, int]) -> Check:
        # Sorting is stable, so the attempts of one run stay in their order.
        tried.sort(key=lambda each: place_of[each[1].run])
        attempts = [attempt for _, attempt in tried]
        by_run = [(self._runs[run], [*found]) for run, found in itertools.groupby(attempts, lambda each: each.run)]
        differs = [*dict.fromkeys(line for check, _ in tried for line in check.differs)]
        outcome = verdict_of_runs(by_run)
        # What a later run has not decided does not replace what an audit has found.
        outcomes = ("kept", "broken") if outcome == "flaky" else (outcome,)
        deciding = [check for check, attempt in tried if attempt.outcome in outcomes]
        return replace(deciding[-1], attempts=attempts, outcome=outcome, differs=differs)

    def _name_duplicates(self) -> None:
        """Add a remark about checks that more than one shard ran, each of which is one check with several attempts."""
        named: dict[str, list[str]] = defaultdict(list)
        for (project, name), tried in self._tried.items():
            if len({self._runs[attempt.run].shard for _, attempt in tried if self._runs[attempt.run].shard}) > 1:
                named[project].append(name)
        for project, names in named.items():
            self._remarks.append(f"{project}: more than one shard ran {_some(names, 'check')}; each is counted once.")


def merge_in_place(output: Path, folders: Mapping[str, Path], others: Sequence[Run]) -> Merged:
    """Merge the results of folders below ``output``, whose artifacts stay where they are, and add the runs ``others``.

    ``folders`` maps projects to their folders, ``others`` are runs without checks. A missing shard is no error here:
    the results may be one shard of each project, and the merge of all shards notices.
    """
    merging = Merging(expect_shards=0)
    for source in merging.read([*folders.values()]):
        merging.add(source, Path(os.path.relpath(source.folder, output)).as_posix())
    merged = merging.merged()
    runs = [*merged.results.runs, *others]
    return Merged(replace(merged.results, runs=runs), merged.is_whole, merged.files)


def _each_once(remarks: Iterable[str]) -> list[str]:
    return [*dict.fromkeys(map(printable, remarks))]


def _some(names: Sequence[str], what: str) -> str:
    """Return the number of names and the first ones: ``5 checks (a, b, c and 2 more)``."""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{counted(len(names), what)} ({', '.join(names[:MOST_NAMED])}{more})"
