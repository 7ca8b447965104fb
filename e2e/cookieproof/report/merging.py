"""One of many results: shards, engines, attempts and repeated runs. Nothing is lost, and nothing counted twice."""

from __future__ import annotations

import itertools
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import msgspec

from cookieproof.errors import CookieproofError
from cookieproof.report.files import AnotherVersion, read
from cookieproof.report.results import RESULTS_FILE, Artifact, Attempt, Check, Results, Run, verdict
from cookieproof.words import quoted

MOST_NAMED = 3
replace = msgspec.structs.replace


@dataclass(frozen=True)
class Source:
    """A folder with results."""

    folder: Path
    results: Results


@dataclass
class Merged:
    """``is_whole`` says whether nothing is missing of what was to run. ``files`` are the artifacts: where each is, and
    its path in the merged results."""

    results: Results
    is_whole: bool = True
    files: list[tuple[Path, str]] = field(default_factory=list)

    def exit_code(self, *, fail_on_flaky: bool = False) -> int:
        """1 where a check failed or something is missing, else 0."""
        outcomes = {check.outcome for check in self.results.checks}
        return int(not self.is_whole or "broken" in outcomes or (fail_on_flaky and "flaky" in outcomes))


class Merging:
    """Merges what is added to it.

    ``expect_shards`` is how many shards each project must have: 0 for any, and None for what the runs say.
    """

    def __init__(self, expect_shards: int | None = None) -> None:
        self._expect_shards = expect_shards
        self._remarks: list[str] = []
        self._lacks = False
        self._runs: dict[str, Run] = {}
        self._folder_of: dict[str, Path] = {}
        self._tried: dict[tuple[str, str], list[tuple[Check, Attempt]]] = defaultdict(list)
        self._files: list[tuple[Path, str]] = []

    def read(self, folders: Sequence[Path]) -> list[Source]:
        """The results of each folder, what killed runs left at the end: one may have been copied before it ended.

        One of another version is said to be, and left out. Raises ``AnotherVersion`` if all are.
        """
        sources: list[Source] = []
        others: list[AnotherVersion] = []
        for folder in folders:
            try:
                sources.append(Source(folder, read(folder)))
            except AnotherVersion as error:
                others.append(error)
        if others and not sources:
            raise others[0]
        for other in others:
            self._lack(str(other))
        return sorted(sources, key=lambda source: any(run.state == "killed" for run in source.results.runs))

    def add(self, source: Source, prefix: str) -> None:
        """Take in the results of one folder, but for runs that are there already."""
        self._remarks += source.results.remarks
        new = set[str]()
        for run in source.results.runs:
            if first := self._folder_of.get(run.id):
                if first in source.folder.parents:  # cross-browser has merged it there
                    continue
                self._remarks.append(f"{source.folder} holds the same run as {first}: it is counted once.")
                continue
            new.add(run.id)
            self._runs[run.id], self._folder_of[run.id] = run, source.folder
        missing: list[str] = []
        for check in source.results.checks:
            for attempt in check.attempts:
                if attempt.run in new:
                    artifacts = [*self._artifacts(attempt.artifacts, source.folder, prefix, missing)]
                    moved = replace(attempt, artifacts=artifacts) if attempt.artifacts else attempt
                    self._tried[check.project, check.id].append((check, moved))
        if missing:
            self._remarks.append(f"{source.folder} lacks {_some(missing, 'file')} that its {RESULTS_FILE} names.")

    def _artifacts(
        self, artifacts: Iterable[Artifact], folder: Path, prefix: str, missing: list[str]
    ) -> Iterator[Artifact]:
        for artifact in artifacts:
            path = folder / PurePosixPath(artifact.path)
            # ".." may lead back into this folder, and out of that of the merged report.
            outward = "\0" in artifact.path or ".." in PurePosixPath(artifact.path).parts
            if outward or not path.resolve().is_relative_to(folder.resolve()):
                raise CookieproofError(
                    f"{folder / RESULTS_FILE} names the file {quoted(artifact.path)}, which is not in its folder: "
                    "nothing was merged, since no run writes that."
                )
            if not path.is_file():
                missing.append(artifact.path)
                continue
            to = (PurePosixPath(prefix) / artifact.path).as_posix()
            self._files.append((path, to))
            yield Artifact(artifact.kind, to)

    def merged(self) -> Merged:
        """All that was added, as one."""
        for run in self._runs.values():
            self._look_at(run)
        if self._expect_shards != 0:
            self._look_for_shards()
        checks = [*map(self._check, self._tried.values())]
        self._name_duplicates()
        runs = sorted(self._runs.values(), key=lambda run: run.started)
        results = Results(runs=runs, checks=checks, remarks=[*dict.fromkeys(self._remarks)])
        return Merged(results, not self._lacks, self._files)

    def _lack(self, remark: str) -> None:
        self._lacks = True
        self._remarks.append(remark)

    def _look_at(self, run: Run) -> None:
        folder, ended = self._folder_of[run.id], self._ended(run.id)
        of = f"{folder}: the run of {run.title}"
        if run.state in ("killed", "stopped"):
            was = "was killed half-way" if run.state == "killed" else f"was stopped before its end{_because(run.why)}"
            remark = f"{of} {was}: {ended} of {run.tests} tests had ended."
            # One that has run to its end since then stands in for it, unless it was of fewer tests (--last-failed).
            ended_later = (each for each in self._runs.values() if each.state == "ended" and each.started > run.started)
            later = (each for each in ended_later if each.tests >= run.tests)
            if any((each.project, each.shard) == (run.project, run.shard) for each in later):
                self._remarks.append(remark)
            else:
                self._lack(remark)
        elif run.exit_code == 1 and not any(
            attempt.run == run.id and attempt.outcome == "broken"
            for tried in self._tried.values()
            for _, attempt in tried
        ):
            self._lack(f"{of} ended with exit code 1, though none of its tests failed: look at what it printed.")

    def _ended(self, run: str) -> int:
        return sum(any(attempt.run == run for _, attempt in tried) for tried in self._tried.values())

    def _look_for_shards(self) -> None:
        shards: dict[str, set[int]] = defaultdict(set)
        of: dict[str, set[int]] = defaultdict(set)
        for run in self._runs.values():
            if run.state == "not had":
                continue
            number, count = (run.shard.number, run.shard.of) if run.shard else (1, 1)
            shards[run.project].add(number)
            of[run.project].add(count)
        for project, numbers in shards.items():
            expected = self._expect_shards or max(of[project])
            if of[project] != {expected}:
                counts = " and ".join(str(count) for count in sorted(of[project]))
                self._lack(f"{project} was split in {counts}, not in {expected}: run all with the same --splits.")
            for number in sorted({*range(1, expected + 1)} - numbers):
                self._lack(f"{project}: shard {number} of {expected} is missing.")
        if self._expect_shards and not shards:
            self._lack(f"No run is there, and {self._expect_shards} shards were expected.")

    def _check(self, tried: list[tuple[Check, Attempt]]) -> Check:
        # What one run tried several times stays in its order: sorting is stable.
        tried.sort(key=lambda each: self._runs[each[1].run].started)
        attempts = [attempt for _, attempt in tried]
        differs = [*dict.fromkeys(line for check, _ in tried for line in check.differs)]
        return replace(tried[-1][0], attempts=attempts, outcome=verdict(attempts), differs=differs)

    def _name_duplicates(self) -> None:
        """A check that two shards ran is one check with two attempts."""
        named: dict[str, list[str]] = defaultdict(list)
        for (project, name), tried in self._tried.items():
            if len({self._runs[attempt.run].shard for _, attempt in tried if self._runs[attempt.run].shard}) > 1:
                named[project].append(name)
        for project, names in named.items():
            self._remarks.append(f"{project}: more than one shard ran {_some(names, 'check')}; each is counted once.")


def prefixes(sources: Sequence[Source]) -> list[str]:
    """A folder for the artifacts of each source, named after its run."""
    found: dict[str, None] = {}
    for source in sources:
        runs = source.results.runs
        name = runs[0].title if len(runs) == 1 else "merged"
        name = "".join(each if each.isalnum() else "-" for each in name).replace("--", "-")
        numbered = (f"{name}-{number}" for number in itertools.count(2))
        found[name if name not in found else next(each for each in numbered if each not in found)] = None
    return [*found]


def merge_in_place(output: Path, folders: Mapping[str, Path], others: Sequence[Run]) -> Merged:
    """The results of folders below the output folder, whose artifacts stay where they are; and runs of nothing.

    They may be one shard of each project: whoever merges the shards looks whether all are there.
    """
    merging = Merging(expect_shards=0)
    for source in merging.read([*folders.values()]):
        merging.add(source, Path(os.path.relpath(source.folder, output)).as_posix())
    merged = merging.merged()
    runs = [*merged.results.runs, *others]
    return Merged(replace(merged.results, runs=runs), merged.is_whole, merged.files)


def _because(why: str) -> str:
    return f" ({why})" if why else ""


def _some(names: Sequence[str], what: str) -> str:
    """``3 checks (a, b, c)``; of many the first ones are named."""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{len(names)} {what}{'s' if len(names) > 1 else ''} ({', '.join(names[:MOST_NAMED])}{more})"
