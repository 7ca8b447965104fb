"""``python -m cookieproof merge-reports``: one report of any number of runs."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cookieproof.errors import CookieproofError
from cookieproof.report.files import found_in
from cookieproof.report.github import append_summary
from cookieproof.report.leaves import leave
from cookieproof.report.merging import Merging, prefixes
from cookieproof.report.results import RESULTS_FILE, VERDICTS


def main(folders: Sequence[Path], output: Path, expect_shards: int | None, *, fail_on_flaky: bool) -> int:
    """Merge what lies in the folders, with its artifacts, into ``output``, and return the exit code.

    It is 1 where a check failed or a shard is missing. Raises ``CookieproofError`` for what cannot be
    merged; nothing has been written then.
    """
    if expect_shards is not None and expect_shards < 1:
        raise CookieproofError(f"--expect-shards {expect_shards} is no number of shards: give 1 or more.")
    found = _results_in(folders)
    _check_output(output, [*folders, *found])
    merging = Merging(expect_shards)
    sources = [*merging.read(found)]
    for source, prefix in zip(sources, prefixes(sources), strict=True):
        merging.add(source, prefix)
    merged = merging.merged()
    output.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f"{output.name}.", dir=output.parent))
    try:
        for file, to in merged.files:
            (new / to).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, new / to)
        leave(merged.results, new, str(output / "report.html"))
        new.chmod(0o755)  # mkdtemp's folder is for one user alone
        if output.exists():
            shutil.rmtree(output)
        new.rename(output)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    append_summary(merged.results, str(output / "report.html"))
    for remark in merged.results.remarks:
        print(remark)
    for check in merged.results.promises:
        if check.failures and len(check.attempts) > 1:
            print(f"failed {check.failures} of {len(check.attempts)} times: {check.words}")
    counts = merged.results.counts
    print(", ".join(f"{counts[each]} {each}" for each in reversed(VERDICTS) if counts[each]) or "nothing was run")
    print(f"report: {output / 'report.html'}")
    return merged.exit_code(fail_on_flaky=fail_on_flaky)


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
    if to.is_dir() and any(to.iterdir()) and not (to / RESULTS_FILE).exists():
        raise CookieproofError(f"--output {output} holds other files: name a new folder, or an earlier merged report.")
