"""The data of a test that its worker sends to the report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ReportData:
    """What a worker sends of one phase of a test, besides pytest's own report, with which pytest-xdist carries it.

    ``nodeid`` is the test's id without what xdist and pytest-repeat add, ``place`` its file and line: ``path:line``;
    ``first`` is the whole id of the first of the tests that are proven together. ``group`` is the promise that the
    test belongs to, None if it has no site; ``words`` is the test's name as a sentence, ``promise_words`` the same in
    every project; ``skipped`` is why it did not run. ``launches`` and ``notes`` are the worker's since its last
    report. At the end of the test ``timeline`` is the timeline of its cookies, and ``artifacts`` are kinds and files;
    ``differs`` are declared differences of this engine; ``audited`` is the finding on a requirement of an audit.
    """

    nodeid: str = ""
    first: str = ""
    place: str = ""
    group: str | None = None
    words: str = ""
    promise_words: str = ""
    skipped: str = ""
    launches: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    timeline: dict[str, Any] | None = None
    artifacts: list[tuple[str, str]] = field(default_factory=list)
    differs: list[str] = field(default_factory=list)
    audited: dict[str, Any] | None = None
