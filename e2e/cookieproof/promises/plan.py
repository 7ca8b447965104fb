"""What schedules have found out about lifetimes, for the schedule that comes next."""

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

    ``apart`` are the lifetimes that reach beyond their own hosts, ``profiles`` those of which these
    scenarios need a browser to themselves. ``most`` is for how many cookies a host of theirs must have room,
    ``sites_used`` how many sites have been used. ``failures`` are what a step raises that fails, ``scenarios``
    all that may be run.
    """

    new_visitor: Callable[[], Visitor]
    moves_clock: bool
    scenarios: Sequence[Scenario]
    apart: set[Lifetime] = field(default_factory=set)
    profiles: dict[Lifetime, Sequence[Scenario]] = field(default_factory=dict)
    most: dict[Lifetime, int] = field(default_factory=dict)
    sites_used: int = 0
    failures: tuple[type[BaseException], ...] = (Exception,)

    def new_site_number(self) -> int:
        """Return the number of a site that has not been used."""
        self.sites_used += 1
        return self.sites_used

    def keep_apart(self, lifetime: Lifetime) -> None:
        """Give the lifetime sites of its own, since it reaches beyond its own host."""
        self.apart.add(lifetime)

    def need_profiles(self, lifetime: Lifetime, scenarios: Sequence[Scenario] | None = None) -> None:
        """Run each of these scenarios of the lifetime in a browser of its own; all of them, if none are named."""
        self.profiles[lifetime] = self.scenarios if scenarios is None else scenarios

    def need_room(self, lifetime: Lifetime, cookies: int) -> None:
        """Reserve room for so many cookies of the lifetime at its site."""
        self.most[lifetime] = cookies
