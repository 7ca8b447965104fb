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
from cookieproof.promises.scenarios.page_left_open import PageLeftOpen, PageLeftOpenToTheLast
from cookieproof.promises.scenarios.scenario import Scenario
from cookieproof.promises.scenarios.signed_in_a_while import SignedInAWhile
from cookieproof.promises.scenarios.signed_in_and_closed import SignedInAndClosed
from cookieproof.promises.scenarios.signed_in_and_renewed import SignedInAndRenewed
from cookieproof.promises.scenarios.signed_in_left_alone import SignedInLeftAlone
from cookieproof.promises.scenarios.signed_in_not_renewed import SignedInNotRenewed
from cookieproof.promises.scenarios.signed_in_to_the_last import SignedInToTheLast
from cookieproof.promises.scenarios.signed_in_until_closed import SignedInUntilClosed
from cookieproof.promises.scenarios.signed_out import SignedOut
from cookieproof.promises.scenarios.signed_out_late import SignedOutLate
from cookieproof.promises.scenarios.visited_at_the_edge import VisitedAtTheEdge
from cookieproof.promises.scenarios.visited_at_the_last_moment import VisitedAtTheLastMoment
from cookieproof.promises.scenarios.visited_half_way import VisitedHalfWay
from cookieproof.promises.scenarios.visited_soon_and_late import VisitedSoonAndLate

# These run alone and after all others, since the clock moves in steps while a page is left open.
LEFT_OPEN: list[Scenario] = [PageLeftOpen(), PageLeftOpenToTheLast()]
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
    SignedInToTheLast(),
    SignedInUntilClosed(),
    SignedInAndClosed(),
    SignedInAWhile(),
    SignedInLeftAlone(),  # before the next, which cannot judge a sign-in that never ends
    SignedInNotRenewed(),
    SignedInAndRenewed(),
    SignedOut(),
    SignedOutLate(),
]


def scenarios_of(lifetime: Lifetime, *, moves_clock: bool, scenarios: Sequence[Scenario] = SCENARIOS) -> list[Scenario]:
    """Return those of ``scenarios`` that apply to this lifetime; ``moves_clock`` is whether the clock can be moved."""
    return [scenario for scenario in scenarios if scenario.applies_to(lifetime, moves_clock=moves_clock)]
