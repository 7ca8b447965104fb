"""The results that a merge reads: which folder has most of a run, and how the folders of artifacts are named."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cookieproof.report.results import Results


@dataclass(frozen=True)
class Source:
    """The results that were read in a folder."""

    folder: Path
    results: Results


def fullest(sources: Sequence[Source]) -> dict[str, Path]:
    """Return for each run the folder that has most of it: it ended there, most attempts, then most artifacts.

    The first of those that have as much: a run may be copied while it goes on, and a merge may lack a file.
    """
    most: dict[str, tuple[tuple[bool, int, int], Path]] = {}
    for source in sources:
        attempts, files = Counter[str](), Counter[str]()
        for attempt in (attempt for check in source.results.checks for attempt in check.attempts):
            attempts[attempt.run] += 1
            files[attempt.run] += sum((source.folder / each.path).is_file() for each in attempt.artifacts)
        for run in source.results.runs:
            has = (run.state != "killed", attempts[run.id], files[run.id])
            if run.id not in most or has > most[run.id][0]:
                most[run.id] = has, source.folder
    return {run: folder for run, (_, folder) in most.items()}


def prefixes(sources: Sequence[Source]) -> list[str]:
    """Return the name of a folder for the artifacts of each source, after its run; no two are equal."""
    found: dict[str, None] = {}
    for source in sources:
        runs = source.results.runs
        name = runs[0].title if len(runs) == 1 else "merged"
        name = "".join(each if each.isalnum() else "-" for each in name).replace("--", "-")
        numbered = (f"{name}-{number}" for number in itertools.count(2))
        found[name if name not in found else next(each for each in numbered if each not in found)] = None
    return [*found]
