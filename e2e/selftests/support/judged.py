"""Which verdicts on lifetimes are not as expected."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cookieproof import Clock, Lifetime, NewVisitor
from cookieproof.promises.course import Course
from cookieproof.promises.prove import prove
from cookieproof.promises.scenario import Scenario
from cookieproof.promises.scenarios import COURSES
from cookieproof.promises.steps import Steps


class Said(str):
    """What a verdict is to say, as a pattern, and the one scenario that is run to find it out."""

    course: str


def said_by(course: type[Course], pattern: str) -> Said:
    """A pattern for what the scenario says of a lifetime that it finds broken: no other one is run for it."""
    said = Said(pattern)
    said.course = course.name
    return said


class Chosen:
    """A scenario that is run for those lifetimes only of which it is to say something, or all are to."""

    def __init__(self, course: Course, lifetimes: Mapping[Lifetime, str]) -> None:
        self.name, self._course, self._lifetimes = course.name, course, lifetimes

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        says = self._lifetimes[lifetime]
        chosen = not isinstance(says, Said) or says.course == self.name
        return chosen and self._course.applies_to(lifetime, moves_clock=moves_clock)

    def steps(self, scenario: Scenario) -> Steps:
        return self._course.steps(scenario)


def judged(
    lifetimes: Mapping[Lifetime, str],
    new_visitor: NewVisitor,
    clock: Clock,
    courses: Sequence[Course] = COURSES,
) -> list[str]:
    """The verdicts that are wrong: each lifetime is to be kept, or to be broken with these words."""
    chosen = [Chosen(course, lifetimes) for course in courses]
    verdicts = prove(list(lifetimes), new_visitor, clock, courses=chosen)
    return [
        f"expected {says or 'kept'}, but {lifetime} {lifetime.renewed_by} {lifetime.deleted_by}: "
        f"{verdict.outcome}, {verdict.text}"
        for lifetime, says in lifetimes.items()
        if (verdict := verdicts[lifetime])
        and not (re.search(says, verdict.text) if says else verdict.outcome == "kept")
    ]
