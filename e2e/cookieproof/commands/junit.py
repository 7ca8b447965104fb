"""What a test tells of its promise in a JUnit file, as JSON in one property, so that nothing takes its name apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal
from xml.etree import ElementTree

PROPERTY = "cookieproof"
Outcome = Literal["passed", "failure", "error", "skipped"]
NOT_PASSED: tuple[Outcome, ...] = ("failure", "error", "skipped")


@dataclass(frozen=True)
class JUnitData:
    """What JUnit has no place for: the ``group`` of promises, the test's name in ``words``, the same in every project,
    and what ``differs`` in this engine as declared."""

    group: str
    words: str
    differs: Sequence[str] = field(default_factory=list)

    def to_property(self) -> tuple[str, str]:
        """Name and value, as pytest's ``user_properties`` has them."""
        return PROPERTY, json.dumps(asdict(self))

    @classmethod
    def from_case(cls, case: ElementTree.Element) -> JUnitData | None:
        """What a ``testcase`` tells; None for a test that had no site."""
        data = next((each.get("value", "") for each in case.iter("property") if each.get("name") == PROPERTY), None)
        return None if data is None else cls(**json.loads(data))


@dataclass(frozen=True)
class Case:
    """What became of one test in one project: ``message`` is a line that says why it has not passed."""

    data: JUnitData
    outcome: Outcome = "passed"
    message: str = ""

    @classmethod
    def read(cls, case: ElementTree.Element) -> Case | None:
        """The case of a ``testcase``; None for a test that had no site."""
        data = JUnitData.from_case(case)
        if data is None:
            return None
        for outcome in NOT_PASSED:
            if (found := case.find(outcome)) is not None:
                return cls(data, outcome, found.get("message", "").strip().partition("\n")[0])
        return cls(data)
