"""``python -m cookieproof merge-reports``: merges the results of any number of runs into one report."""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from cookieproof.errors import CookieproofError
from cookieproof.report.files import found_in, read
from cookieproof.report.github import append_summary
from cookieproof.report.merging import Merged, Merging
from cookieproof.report.output import FILES, SUMMARY_FILE, write_all
from cookieproof.report.results import RESULTS_FILE, VERDICTS, Results
from cookieproof.report.sources import prefixes
from cookieproof.words import printable, quoted

# Marks the folders in which a merge writes, and keeps an earlier report until it is replaced. The id of its process
# follows, so that no two merges share one; the next merge removes what a killed one left.
UNFINISHED = ".cookieproof-merging-"


@dataclass(frozen=True)
class Expected:
    """The number of shards that each project must have (None: as many as the runs say), and projects with a run."""

    shards: int | None = None
    projects: Sequence[str] = ()


def main(folders: Sequence[Path], output: Path, expected: Expected, *, fail_on_flaky: bool) -> int:
    """Merge the results in and below the folders, with their artifacts, into ``output``, and return the exit code.

    It is 1 if a check failed, or if a shard, a project or the rest of a run is missing, else 0; a flaky check fails if
    ``fail_on_flaky``. Raises ``CookieproofError`` for what cannot be merged; ``output`` is then as it was.
    """
    if expected.shards is not None and expected.shards < 1:
        raise CookieproofError(f"--expect-shards {expected.shards} is no number of shards: give 1 or more.")
    try:
        merged = _merge(folders, output, expected)
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        raise CookieproofError(f"Nothing was merged into {quoted(str(output))}: {error}.") from None
    try:
        _tell(merged.results, output)
    except OSError as error:
        raise CookieproofError(f"All was merged into {quoted(str(output))}, but not told: {error}.") from None
    return merged.exit_code(fail_on_flaky=fail_on_flaky)


def _merge(folders: Sequence[Path], output: Path, expected: Expected) -> Merged:
    found = _results_in(folders)
    _check_output(output, [*folders, *found])
    place = output.resolve()  # a link stays one
    merging = Merging(expected.shards, expected.projects)
    sources = merging.read(found)
    for source, prefix in zip(sources, prefixes(sources), strict=True):
        merging.add(source, prefix)
    merged = merging.merged()
    place.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(place, [*folders, *found])
    new = place.with_name(f"{place.name}{UNFINISHED}{os.getpid()}")
    new.mkdir()
    try:
        for file, to in merged.files:
            (new / to).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, new / to)
        write_all(merged.results, new, str(output / "report.html"))
        _replace(place, new)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return merged


def _replace(place: Path, new: Path) -> None:
    """Put ``new`` in the place of an earlier report, if there is one, which stays if that fails."""
    earlier = new.with_name(f"{new.name}-earlier")
    if place.exists():
        place.rename(earlier)
    try:
        new.rename(place)
    except OSError:
        if earlier.exists():
            earlier.rename(place)
        raise
    shutil.rmtree(earlier, ignore_errors=True)


def _remove_abandoned(place: Path, inputs: Sequence[Path]) -> None:
    """Remove what killed merges into this folder have left, except for what is to be merged."""
    kept = {each.resolve() for each in inputs}
    for folder in place.parent.glob(f"{glob.escape(place.name)}{UNFINISHED}*"):
        process = folder.name.rpartition(UNFINISHED)[2].removesuffix("-earlier")
        # In a container the next merge often has the same process id.
        is_abandoned = process.isdecimal() and (int(process) == os.getpid() or not psutil.pid_exists(int(process)))
        if is_abandoned and not any(each.is_relative_to(folder) for each in kept):
            shutil.rmtree(folder, ignore_errors=True)


def _tell(results: Results, output: Path) -> None:
    """Print what was merged, and append it to the summary of GitHub's job."""
    if not_appended := append_summary(results, str(output / "report.html")):
        print(not_appended)
    for remark in results.remarks:
        print(printable(remark))
    for check in sorted(results.promises, key=lambda check: -check.failure_rate):
        if check.failures and len(check.attempts) > 1:
            print(f"failed {check.failures} of {len(check.attempts)} times: {printable(check.words)}")
    counts = results.counts
    told = ", ".join(f"{counts[each]} {each}" for each in reversed(VERDICTS) if counts[each]) or "nothing was run"
    attempts = sum(len(check.attempts) for check in results.promises)
    print(f"{told}, in {attempts} attempts" if attempts > counts.total() else told)
    print(printable(f"report: {output / 'report.html'}"), flush=True)


def _results_in(folders: Sequence[Path]) -> list[Path]:
    found: dict[Path, Path] = {}
    for folder in folders:
        here = found_in(folder)
        if not here:
            raise CookieproofError(f"{folder} holds no {RESULTS_FILE}: name the output folder of a run.")
        for each in here:
            if each.resolve() in found:
                raise CookieproofError(f"{each} is named twice: name each folder once.")
            found[each.resolve()] = each
    return [*found.values()]


def _check_output(output: Path, inputs: Sequence[Path]) -> None:
    to = output.resolve()
    for folder in map(Path.resolve, inputs):
        if to.is_relative_to(folder) or folder.is_relative_to(to):
            raise CookieproofError(
                f"--output {output} would be written over what is merged ({folder}): name a folder beside it."
            )
    if to.exists() and not to.is_dir():
        raise CookieproofError(f"--output {output} is a file: name a folder.")
    if to.is_dir() and any(to.iterdir()) and not _is_merged(to):
        raise CookieproofError(f"--output {output} holds other files: name a new folder, or an earlier merged report.")


def _is_merged(folder: Path) -> bool:
    """Return whether a merge wrote all files in the folder: only then may another merge replace it."""
    if not (folder / RESULTS_FILE).is_file():
        return False
    try:
        results = read(folder)
    except CookieproofError:
        return False
    files = {file.path for check in results.checks for attempt in check.attempts for file in attempt.artifacts}
    there = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if not file.is_dir()}
    return (folder / SUMMARY_FILE).is_file() and there <= {*files, *FILES}
