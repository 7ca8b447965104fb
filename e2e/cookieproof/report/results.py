"""The data of ``results.json``: runs, checks, and the attempts of each check. ``docs/results.md`` explains it.

The JSON Schema in ``results.schema.json`` is made of these classes, which a test compares.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Raw, Struct

VERSION = 1
RESULTS_FILE = "results.json"

Outcome = Literal["kept", "broken", "not run"]
Verdict = Literal["broken", "flaky", "not run", "kept"]
VERDICTS: tuple[Verdict, ...] = ("broken", "flaky", "not run", "kept")  # what needs a person's eye comes first
State = Literal["ended", "stopped", "killed", "not had"]
NO_TIMELINE = Raw(b"null")
WITHOUT_A_SITE = "Tests without a site"


class Column(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A moment of a timeline: ``more`` is how many more like it follow at once."""

    label: str
    kind: str
    time: str
    more: str = ""


class Lane(Struct, frozen=True, forbid_unknown_fields=True):
    """One cookie of one browser: ``bars`` are [first column, last column, "session", "age" or "kept"], ``marks`` are
    [column, kind, why]."""

    who: str
    name: str
    where: str
    bars: list[tuple[int, int, str]]
    marks: list[tuple[int, str, str]]


class Timeline(Struct, frozen=True, forbid_unknown_fields=True):
    """What became of each cookie in a check: moments from left to right, cookies from top to bottom."""

    columns: list[Column]
    lanes: list[Lane]


class Artifact(Struct, frozen=True, forbid_unknown_fields=True):
    """A file that an attempt left: its path is relative to the folder of results.json, with "/" between its parts."""

    kind: Annotated[str, Meta(description="trace, screenshot, video, log or wire")]
    path: str


class Attempt(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One time that a check was tried."""

    run: Annotated[str, Meta(description="the id of the run that it belongs to")]
    outcome: Outcome
    seconds: Annotated[float, Meta(ge=0)]
    text: Annotated[str, Meta(description="what was wrong, or why it was not run")] = ""
    timeline: Annotated[Raw, Meta(extra_json_schema={"anyOf": [{"type": "null"}, {"$ref": "#/$defs/Timeline"}]})]
    artifacts: Sequence[Artifact] = ()


class Audited(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one requirement of a session audit came to."""

    name: Annotated[str, Meta(description="its row of the WSTG, and what it is called")]
    asvs: Annotated[str, Meta(description="its id in ASVS 5.0.0; empty if it has none")]
    level: Annotated[int, Meta(ge=1, le=3)]
    sentence: Annotated[str, Meta(description="what is required")]
    outcome: Literal["passed", "failed", "warning", "accepted", "not asked", "not decidable"]
    text: Annotated[str, Meta(description="what was found, and below its first line the evidence")] = ""


class Check(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One test in one project, with each of its attempts, the last one at the end."""

    id: Annotated[str, Meta(description="as pytest finds it: path::test[parameters]")]
    project: str
    engine: Annotated[str, Meta(description="with its version, as far as the run has started one")]
    group: Annotated[str | None, Meta(description="the promise that its module makes; null if it had no site")]
    words: Annotated[str, Meta(description="its name as a sentence")]
    promise: Annotated[str, Meta(description="the same in every project")]
    place: Annotated[str, Meta(description="where the test stands: path:line")]
    outcome: Annotated[Verdict, Meta(description="flaky: it failed, and then passed")]
    differs: Annotated[Sequence[str], Meta(description="what differs in this engine as declared")] = ()
    command: Annotated[str, Meta(description="shows this one check in a window")] = ""
    attempts: Annotated[Sequence[Attempt], Meta(min_length=1)]
    audited: Annotated[Audited | None, Meta(description="for a test of a session audit")] = None

    @property
    def seconds(self) -> float:
        """How long all attempts took."""
        return sum(attempt.seconds for attempt in self.attempts)

    @property
    def failures(self) -> int:
        """How many of its attempts failed."""
        return sum(attempt.outcome == "broken" for attempt in self.attempts)

    @property
    def failure_rate(self) -> float:
        """The share of its attempts that failed."""
        return self.failures / len(self.attempts)

    @property
    def text(self) -> str:
        """What was wrong at the last attempt that failed, or why the check was not run."""
        texts = [attempt for attempt in self.attempts if attempt.text]
        broken = [attempt for attempt in texts if attempt.outcome == "broken"]
        return (broken or texts)[-1].text if texts else ""


class Shard(Struct, frozen=True, forbid_unknown_fields=True):
    """Which part of a suite a run was: the first of four has the number 1."""

    number: Annotated[int, Meta(ge=1)]
    of: Annotated[int, Meta(ge=1)]


class Machine(Struct, frozen=True, forbid_unknown_fields=True):
    """What a run ran on."""

    name: str
    system: str
    python: str
    processors: Annotated[int, Meta(ge=0)]


class Run(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The facts of one run of pytest."""

    id: str
    project: str
    engine: str
    shard: Shard | None = None
    attempt: Annotated[int, Meta(ge=1, description="which try of the CI's job it was")] = 1
    started: Annotated[str, Meta(description="ISO 8601, in UTC")]
    seconds: Annotated[float, Meta(ge=0)] = 0.0
    state: State = "ended"
    why: Annotated[str, Meta(description="why it was stopped, or could not be had")] = ""
    exit_code: int | None = None
    tests: Annotated[int, Meta(ge=0, description="how many were to run")] = 0
    machine: Machine
    commit: str | None = None
    command: str
    browser_starts: dict[str, int] = {}
    notes: Sequence[str] = ()
    errors: Annotated[Sequence[str], Meta(description="of no test: what could not be collected, say")] = ()

    @property
    def title(self) -> str:
        """``firefox, shard 1 of 4``: which run it is, for a person."""
        return f"{self.project}, shard {self.shard.number} of {self.shard.of}" if self.shard else self.project


class RefusedRun(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A run that a refused file tells of."""

    id: str
    project: str
    shard: Shard | None = None
    started: str
    tests: int = 0


class Refused(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A results file of another version, which was left out."""

    file: str
    version: int
    runs: Annotated[Sequence[RefusedRun], Meta(description="its runs, as far as this version can tell")] = ()


class LostFile(Struct, frozen=True, forbid_unknown_fields=True):
    """An artifact that a run has named, and that was no longer there when it was merged."""

    run: str
    path: str


class Merge(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a merge has missed, as data: one of its results judges by this anew what is still missing."""

    expected: Annotated[dict[str, int], Meta(description="shards of each expected project; 0: as its runs say")] = {}
    refused: Sequence[Refused] = ()
    lost_files: Sequence[LostFile] = ()


class Results(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole file, but for its last key: ``sha256`` is the digest of all the bytes before that key."""

    version: int = VERSION
    runs: Sequence[Run]
    checks: Sequence[Check]
    remarks: Annotated[Sequence[str], Meta(description="what was said when several runs were merged")] = ()
    merge: Annotated[Merge | None, Meta(description="null for what one run has left")] = None

    @property
    def counts(self) -> Counter[str]:
        """How many of the promises are broken, flaky, not run and kept."""
        return Counter(check.outcome for check in self.promises)

    @property
    def promises(self) -> list[Check]:
        """The checks for people: those that had a site, and any other that was not just passed."""
        return [check for check in self.checks if check.group is not None or check.outcome in ("broken", "flaky")]

    @property
    def projects(self) -> list[str]:
        """The names of the projects, in the order of their runs."""
        return list(dict.fromkeys(run.project for run in self.runs))


def verdict(attempts: Iterable[Attempt]) -> Verdict:
    """What a check's attempts come to, in their order. The last one that ran decides, but one that failed remains."""
    outcomes = [attempt.outcome for attempt in attempts if attempt.outcome != "not run"]
    if not outcomes:
        return "not run"
    if outcomes[-1] == "broken":
        return "broken"
    return "flaky" if "broken" in outcomes else "kept"


def first_sentence(text: str) -> str:
    """The first line of a failure that says something: of an assertion, what is wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line.removeprefix("E").strip() for line in lines if line.startswith("E  ")]
    return next(iter(errors or lines), "").removeprefix("AssertionError: ")


def schema() -> dict[str, Any]:
    """The JSON Schema of the file."""
    _, parts = msgspec.json.schema_components([Results, Timeline], ref_template="#/$defs/{name}")
    whole = parts.pop("Results")
    whole["properties"] |= {
        "version": {"const": VERSION},
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "of the bytes before this key"},
    }
    whole["required"] = ["version", *whole["required"], "sha256"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole, "$defs": parts}
