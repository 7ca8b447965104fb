"""What earlier schedules have found out about lifetimes, for the next schedule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cookieproof.promises.lifetimes import Lifetime
from cookieproof.visitor.visitor import Visitor

if TYPE_CHECKING:
    from cookieproof.promises.scenarios.scenario import Scenario


@dataclass
class Plan:
    """Which lifetimes need a site or a profile of their own. A schedule in which one spoils others adds to it.

    ``apart`` are the lifetimes that change cookies of hosts other than their own. ``profiles`` are those of which each
    scenario needs a browser of its own. ``room`` is the number of cookies of a lifetime's site that
    are reserved for it, ``sites_used`` how many sites have been used. ``failures`` are the exceptions by which a step
    fails, ``scenarios`` all that may be run.
    """

    new_visitor: Callable[[], Visitor]
    moves_clock: bool
    scenarios: Sequence[Scenario]
    apart: set[Lifetime] = field(default_factory=set)
    profiles: set[Lifetime] = field(default_factory=set)
    room: dict[Lifetime, int] = field(default_factory=dict)
    sites_used: int = 0
    failures: tuple[type[BaseException], ...] = (Exception,)

    def new_site_number(self) -> int:
        """Return the number of a site that has not been used."""
        self.sites_used += 1
        return self.sites_used

    def keep_apart(self, lifetime: Lifetime) -> None:
        """Give the lifetime sites of its own, since it changes cookies of other hosts."""
        self.apart.add(lifetime)

    def need_profiles(self, lifetime: Lifetime) -> None:
        """Run each scenario of the lifetime in a browser of its own."""
        self.profiles.add(lifetime)

    def need_room(self, lifetime: Lifetime, cookies: int) -> None:
        """Reserve room for so many ``cookies`` of the lifetime at its site."""
        self.room[lifetime] = cookies
