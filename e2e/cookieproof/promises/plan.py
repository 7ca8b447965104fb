"""What is known before a schedule begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cookieproof.promises.course import Course
from cookieproof.promises.lifetimes import Lifetime
from cookieproof.visitor.visitor import Visitor


@dataclass
class Plan:
    """What is known before a schedule begins; each that is spoiled tells more.

    ``apart`` are the lifetimes that reach beyond their own hosts, ``profiles`` those of which some
    scenarios need a browser to themselves, and these, ``most`` is for how many cookies a host of theirs must have
    room, ``groups`` how many sites have been used up. ``failures`` are what a step raises that
    fails, ``courses`` those of which each lifetime has some.
    """

    new_visitor: Callable[[], Visitor]
    moves_clock: bool
    courses: Sequence[Course]
    apart: set[Lifetime] = field(default_factory=set)
    profiles: dict[Lifetime, Sequence[Course]] = field(default_factory=dict)
    most: dict[Lifetime, int] = field(default_factory=dict)
    groups: int = 0
    failures: tuple[type[BaseException], ...] = (Exception,)

    def new_group(self) -> int:
        """The number of a site that has not been used."""
        self.groups += 1
        return self.groups

    def keep_apart(self, lifetime: Lifetime) -> None:
        """It reaches beyond its own host: give it sites of its own."""
        self.apart.add(lifetime)

    def need_profiles(self, lifetime: Lifetime, courses: Sequence[Course] | None = None) -> None:
        """Give each of these courses of the lifetime a browser to itself; all of its courses, if none are named."""
        self.profiles[lifetime] = self.courses if courses is None else courses

    def need_room(self, lifetime: Lifetime, cookies: int) -> None:
        """A host of its holds so many cookies."""
        self.most[lifetime] = cookies
