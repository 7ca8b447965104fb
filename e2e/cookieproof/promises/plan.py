"""What is known before a schedule begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.scenario import Course
from cookieproof.promises.scenarios import COURSES


@dataclass
class Plan:
    """What is known before a schedule begins; each that is spoiled tells more.

    ``apart`` are the lifetimes that reach beyond their own hosts, ``most`` is how many cookies a
    host is to have room for, ``groups`` how many sites have been used up, ``failures`` what a
    step raises that fails, ``courses`` those of which each lifetime has some.
    """

    moves_clock: bool
    apart: set[Lifetime] = field(default_factory=set)
    most: int = 1
    groups: int = 0
    failures: tuple[type[BaseException], ...] = (Exception,)
    courses: Sequence[Course] = COURSES
