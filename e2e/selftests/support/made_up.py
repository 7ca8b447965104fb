"""Results that no run has found: a report is about them in a moment."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from cookieproof.report.files import write
from cookieproof.report.results import (
    NO_TIMELINE,
    Artifact,
    Attempt,
    Check,
    Machine,
    Outcome,
    Results,
    Run,
    Shard,
    verdict,
)

NUMBERS = itertools.count(1)
TIMELINE = {
    "columns": [
        {"label": "browser opened", "kind": "opened", "time": "2026-01-01 12:00:00 UTC"},
        {"label": "GET /login", "kind": "visit", "time": "2026-01-01 12:00:01 UTC"},
        {"label": "GET /", "kind": "visit", "time": "2026-01-01 12:00:02 UTC", "more": "2"},
        {"label": "+6 d 23:59:50", "kind": "moved", "time": "2026-01-08 11:59:52 UTC"},
        {"label": "browser closed", "kind": "closed", "time": "2026-01-08 11:59:53 UTC"},
        {"label": "browser opened", "kind": "opened", "time": "2026-01-08 11:59:54 UTC"},
        {"label": "GET /", "kind": "asked", "time": "2026-01-08 12:00:05 UTC"},
    ],
    "lanes": [
        {
            "who": "visitor 1",
            "name": "session",
            "where": "localhost/",
            "bars": [[1, 4, "session"]],
            "marks": [
                [1, "set", "session=abc; HttpOnly; Path=/"],
                [2, "sent", ""],
                [4, "ended", "closed"],
            ],
        },
        {
            "who": "visitor 1",
            "name": "remember",
            "where": "localhost/",
            "bars": [[1, 6, "age"]],
            "marks": [[1, "set", "remember=1; Max-Age=604800"], [2, "sent", ""], [6, "expired", "expired"]],
        },
    ],
}


def run(project: str = "chromium", shard: tuple[int, int] | None = None, **facts: Any) -> Run:
    """A run of the project; each begins after the one before."""
    number = next(NUMBERS)
    told: dict[str, Any] = {
        "id": f"run-{number}",
        "engine": f"{project.title()} 141.0",
        "started": f"2026-01-01T12:00:00.{number:06d}Z",
        "machine": Machine("a-machine", "Linux x86_64", "3.11.7", 2),
        "commit": "0123456789abcdef",
        "command": f"pytest --project {project}",
        "browser_starts": {f"{project.title()} 141.0": 3},
        "exit_code": 0,
    }
    return Run(project=project, shard=Shard(*shard) if shard else None, **{**told, **facts})


def attempt(
    run: Run,
    outcome: Outcome = "kept",
    text: str = "",
    artifacts: Sequence[tuple[str, str]] = (),
    timeline: object = TIMELINE,
) -> Attempt:
    """One attempt of a check in the run."""
    return Attempt(
        run=run.id,
        outcome=outcome,
        seconds=0.25,
        text=text,
        timeline=msgspec.Raw(msgspec.json.encode(timeline)) if timeline else NO_TIMELINE,
        artifacts=[Artifact(kind, path) for kind, path in artifacts],
    )


def check(run: Run, name: str, *attempts: Attempt, group: str | None = "A cookie ends", **told: Any) -> Check:
    """A check with these attempts; kept at once if none is given."""
    tried = attempts or (attempt(run),)
    facts: dict[str, Any] = {
        "id": f"tests/test_it.py::test_{name.replace(' ', '_')}[{run.project}]",
        "project": run.project,
        "engine": run.engine,
        "group": group,
        "words": f"{name} [{run.project}]",
        "promise": name,
        "place": "tests/test_it.py:7",
        "outcome": verdict(tried),
        "command": f"pytest tests/test_it.py -k '{name}' --headed --project {run.project}",
        "attempts": tried,
    }
    return Check(**{**facts, **told})


def broken(run: Run, text: str = 'AssertionError: cookie "session" should be sent to /, but is not.') -> Attempt:
    """An attempt that failed."""
    return attempt(run, "broken", text)


def left_by(run: Run, checks: Iterable[Check]) -> Results:
    """The results of a run that has ended."""
    found = list(checks)
    exit_code = int(any(each.outcome == "broken" for each in found)) if run.exit_code == 0 else run.exit_code
    ended = msgspec.structs.replace(run, tests=run.tests or len(found), exit_code=exit_code)
    return Results(runs=[ended], checks=found)


def left(folder: Path, run: Run, checks: Iterable[Check]) -> Path:
    """The folder, in which the run has left its results."""
    folder.mkdir(parents=True, exist_ok=True)
    write(left_by(run, checks), folder)
    return folder
