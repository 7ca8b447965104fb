"""Defines the data of ``results.json``: runs, checks, and the attempts of each check. ``docs/results.md`` explains it.

``results.schema.json`` is the JSON Schema (2020-12) of these classes; a test compares the two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

VERSION = 1
RESULTS_FILE = "results.json"

Outcome = Literal["kept", "broken", "not run"]
Verdict = Literal["broken", "flaky", "not run", "kept"]
# In the order of the report: what a person should look at comes first.
VERDICTS: tuple[Verdict, ...] = ("broken", "flaky", "not run", "kept")
State = Literal["ended", "stopped", "killed", "not had"]
NO_TIMELINE = Raw(b"null")
WITHOUT_A_SITE = "Tests without a site"


class Column(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A moment of a timeline. ``more`` is how many equal moments follow it directly, which share its column."""

    label: str
    kind: str
    time: str
    more: str = ""


class Lane(Struct, frozen=True, forbid_unknown_fields=True):
    """One cookie, or storage item, of one browser.

    ``bars`` are [first column, last column, "session", "age" or "kept"], ``marks`` are [column, kind, why].
    """

    who: str
    name: str
    where: str
    bars: list[tuple[int, int, str]]
    marks: list[tuple[int, str, str]]


class Timeline(Struct, frozen=True, forbid_unknown_fields=True):
    """What happened to each cookie in a check: ``columns`` are moments in their order, ``lanes`` are cookies."""

    columns: list[Column]
    lanes: list[Lane]


class Artifact(Struct, frozen=True, forbid_unknown_fields=True):
    """A file that an attempt wrote. Its path is relative to the folder of results.json, with "/" as separator."""

    kind: Annotated[str, Meta(description="trace, screenshot, video, log or wire")]
    path: str


class Attempt(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One attempt of a check."""

    run: Annotated[str, Meta(description="the id of its run")]
    outcome: Outcome
    seconds: Annotated[float, Meta(ge=0)]
    text: Annotated[str, Meta(description="what was wrong, or why it was not run")] = ""
    timeline: Annotated[Raw, Meta(extra_json_schema={"anyOf": [{"type": "null"}, {"$ref": "#/$defs/Timeline"}]})]
    artifacts: Sequence[Artifact] = ()


class Audited(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The outcome of one requirement of a session audit."""

    name: Annotated[str, Meta(description="its row of the WSTG, and its name")]
    asvs: Annotated[str, Meta(description="its id in ASVS 5.0.0; empty without one")]
    level: Annotated[int, Meta(ge=1, le=3)]
    sentence: Annotated[str, Meta(description="what is required")]
    outcome: Literal["passed", "failed", "warning", "accepted", "not asked", "not decidable"]
    text: Annotated[str, Meta(description="the finding; after its first line the evidence")] = ""


class Check(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One test in one project, with all its attempts, the last one at the end."""

    id: Annotated[str, Meta(description="the id by which pytest finds it: path::test[parameters]")]
    project: str
    engine: Annotated[str, Meta(description="with its version, if the run has started one")]
    group: Annotated[str | None, Meta(description="the promise of its module; null if it had no site")]
    words: Annotated[str, Meta(description="the test's name as a sentence")]
    promise: Annotated[str, Meta(description="the words that are the same in every project")]
    place: Annotated[str, Meta(description="the file and line of the test: path:line")]
    outcome: Annotated[Verdict, Meta(description="flaky: it failed, and it passed")]
    differs: Annotated[Sequence[str], Meta(description="declared differences of this engine")] = ()
    command: Annotated[str, Meta(description="the command that shows this check in a window")] = ""
    attempts: Annotated[Sequence[Attempt], Meta(min_length=1)]
    audited: Annotated[Audited | None, Meta(description="for a test of a session audit")] = None

    @property
    def seconds(self) -> float:
        """The seconds of all attempts together."""
        return sum(attempt.seconds for attempt in self.attempts)

    @property
    def failures(self) -> int:
        """The number of attempts that failed."""
        return sum(attempt.outcome == "broken" for attempt in self.attempts)

    @property
    def failure_rate(self) -> float:
        """The share of attempts that failed, from 0 to 1."""
        return self.failures / len(self.attempts)

    @property
    def text(self) -> str:
        """The text of the last attempt that failed, else why the check was not run; empty if it was kept."""
        texts = [attempt for attempt in self.attempts if attempt.text]
        broken = [attempt for attempt in texts if attempt.outcome == "broken"]
        return (broken or texts)[-1].text if texts else ""


class Shard(Struct, frozen=True, forbid_unknown_fields=True):
    """The part of a suite that a run was: the first of four has the number 1."""

    number: Annotated[int, Meta(ge=1)]
    of: Annotated[int, Meta(ge=1)]


class Machine(Struct, frozen=True, forbid_unknown_fields=True):
    """The machine of a run."""

    name: str
    system: str
    python: str
    processors: Annotated[int, Meta(ge=0)]


class Run(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One run of pytest."""

    id: str
    project: str
    engine: str
    shard: Shard | None = None
    ci_run: Annotated[str | None, Meta(description="the CI's run; its attempts are in a certain order")] = None
    attempt: Annotated[int, Meta(ge=1, description="the attempt of the CI's job")] = 1
    started: Annotated[str, Meta(description="ISO 8601, in UTC")]
    seconds: Annotated[float, Meta(ge=0)] = 0.0
    state: State = "ended"
    why: Annotated[str, Meta(description="why it was stopped, or could not be had")] = ""
    exit_code: int | None = None
    tests: Annotated[int, Meta(ge=0, description="the number of tests that were to run")] = 0
    machine: Machine
    commit: str | None = None
    command: str
    browser_starts: dict[str, int] = {}
    notes: Sequence[str] = ()
    errors: Annotated[Sequence[str], Meta(description="errors of no test: what was not collected, for example")] = ()

    @property
    def title(self) -> str:
        """The run's name for a person: ``firefox, shard 1 of 4``."""
        return f"{self.project}, shard {self.shard.number} of {self.shard.of}" if self.shard else self.project


class RefusedRun(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A run in a refused file."""

    id: str
    project: str
    shard: Shard | None = None
    started: str
    tests: int = 0


class Refused(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A results file of another version, which was left out of a merge."""

    file: str
    version: int
    runs: Annotated[Sequence[RefusedRun], Meta(description="its runs, as far as this version can tell")] = ()


class LostFile(Struct, frozen=True, forbid_unknown_fields=True):
    """An artifact of a run that was missing when the run was merged."""

    run: str
    path: str


class Merge(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a merge expected and missed. A merge of its results finds out anew what is still missing."""

    expected: Annotated[dict[str, int], Meta(description="shards of each expected project; 0: as its runs say")] = {}
    refused: Sequence[Refused] = ()
    without_a_run: Annotated[Sequence[str], Meta(description="files that a run left which was killed at once")] = ()
    lost_files: Sequence[LostFile] = ()
    missing: Annotated[Sequence[str], Meta(description="remarks for which the merge fails")] = ()


class Results(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole file, but for its last key: ``sha256`` is the digest of all the bytes before that key."""

    version: int = VERSION
    runs: Sequence[Run]
    checks: Sequence[Check]
    remarks: Annotated[Sequence[str], Meta(description="sentences about what a merge missed")] = ()
    merge: Annotated[Merge | None, Meta(description="null for what one run has left")] = None

    @property
    def counts(self) -> Counter[str]:
        """The number of ``promises`` with each verdict."""
        return Counter(check.outcome for check in self.promises)

    @property
    def promises(self) -> list[Check]:
        """The checks that a person is shown: those that had a site, and all others that are broken or flaky."""
        return [check for check in self.checks if check.group is not None or check.outcome in ("broken", "flaky")]

    @property
    def projects(self) -> list[str]:
        """The names of the projects, in the order of their runs."""
        return list(dict.fromkeys(run.project for run in self.runs))


def verdict(attempts: Iterable[Attempt]) -> Verdict:
    """Return the verdict on a check with these attempts of one run, oldest first.

    The last attempt that ran decides; a check that failed before it passed is "flaky".
    """
    outcomes = [attempt.outcome for attempt in attempts if attempt.outcome != "not run"]
    if not outcomes:
        return "not run"
    if outcomes[-1] == "broken":
        return "broken"
    return "flaky" if "broken" in outcomes else "kept"


def first_sentence(text: str) -> str:
    """Return the first line of a failure's text; of pytest's long text the first line of the error (``E   …``)."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line.removeprefix("E").strip() for line in lines if line.startswith("E  ")]
    return next(iter(errors or lines), "").removeprefix("AssertionError: ")
