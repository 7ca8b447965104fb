"""The courses of events that prove a lifetime, each at a host of its own, since they would spoil each other.

To add one, write a file with a ``Course`` and name it in ``COURSES``.
"""

from __future__ import annotations

from collections.abc import Sequence

from cookieproof.promises.course import Course
from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.scenarios.a_while_later import AWhileLater
from cookieproof.promises.scenarios.browser_closed import BrowserClosed
from cookieproof.promises.scenarios.deleted import Deleted
from cookieproof.promises.scenarios.deleted_late import DeletedLate
from cookieproof.promises.scenarios.left_alone import LeftAlone
from cookieproof.promises.scenarios.visited_at_the_edge import VisitedAtTheEdge
from cookieproof.promises.scenarios.visited_at_the_last_moment import VisitedAtTheLastMoment
from cookieproof.promises.scenarios.visited_half_way import VisitedHalfWay
from cookieproof.promises.scenarios.visited_soon_and_late import VisitedSoonAndLate

COURSES: list[Course] = [
    LeftAlone(),
    BrowserClosed(),
    AWhileLater(),
    VisitedSoonAndLate(),
    VisitedHalfWay(),
    VisitedAtTheLastMoment(),
    VisitedAtTheEdge(),
    Deleted(),
    DeletedLate(),
]


def courses_of(lifetime: Lifetime, *, moves_clock: bool, courses: Sequence[Course] = COURSES) -> list[Course]:
    """Those that prove this lifetime; those that take time only where the clock ``moves_clock``."""
    return [course for course in courses if course.applies_to(lifetime, moves_clock=moves_clock)]
