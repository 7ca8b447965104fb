"""The data of a test that its worker sends to the report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ReportData:
    """What a worker tells about one phase of a test, beyond pytest's own report of it. pytest-xdist carries it.

    ``nodeid`` is the test's id without what xdist and pytest-repeat add, ``place`` where it stands: ``path:line``;
    ``first`` is the whole id of the first of the tests that are proven together with it.
    ``group`` is the promise that the test belongs to, None if it has no site; ``words`` is its name as a
    sentence, ``promise_words`` the same in every project; ``skipped`` is why it did not run. ``launches`` and
    ``notes`` are those of the worker since it last told some. At the end of the test ``timeline`` is the
    picture of its cookies, and ``artifacts`` are kinds and files; ``differs`` is what differs in this engine as
    declared; ``audited`` is what a requirement of an audit came to, from its call on.
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
