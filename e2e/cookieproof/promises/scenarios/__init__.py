"""The scenarios that prove a lifetime. Each runs at a host of its own, since they would spoil each other.

To add one, write a file with a ``Scenario`` and name it in ``SCENARIOS``.
"""

from __future__ import annotations

from collections.abc import Sequence

from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.scenarios.a_while_later import AWhileLater
from cookieproof.promises.scenarios.browser_closed import BrowserClosed
from cookieproof.promises.scenarios.deleted import Deleted
from cookieproof.promises.scenarios.deleted_late import DeletedLate
from cookieproof.promises.scenarios.left_alone import LeftAlone
from cookieproof.promises.scenarios.scenario import Scenario
from cookieproof.promises.scenarios.visited_at_the_edge import VisitedAtTheEdge
from cookieproof.promises.scenarios.visited_at_the_last_moment import VisitedAtTheLastMoment
from cookieproof.promises.scenarios.visited_half_way import VisitedHalfWay
from cookieproof.promises.scenarios.visited_soon_and_late import VisitedSoonAndLate

SCENARIOS: list[Scenario] = [
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


def scenarios_of(lifetime: Lifetime, *, moves_clock: bool, scenarios: Sequence[Scenario] = SCENARIOS) -> list[Scenario]:
    """Those of ``scenarios`` that apply to this lifetime, where the clock can or cannot be moved."""
    return [scenario for scenario in scenarios if scenario.applies_to(lifetime, moves_clock=moves_clock)]
