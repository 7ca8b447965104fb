"""What a course of events is, by which a part of a lifetime is proven."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.steps import Steps

if TYPE_CHECKING:
    from cookieproof.promises.scenario import Scenario


class Course(Protocol):
    """A course of events that proves a part of a lifetime. One is a file in ``scenarios``.

    ``name`` is how failures call it, in words. ``steps`` yields what it needs next (``Take``, ``Ask``,
    ``Restart``) until the part is proven; what breaks the promise ends it (``scenario.broken``). All that is
    dated comes after ``Restart``, which every lifetime of a list shares.
    """

    name: str

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        """Whether it proves something of this lifetime, where the clock can or cannot be moved."""

    def steps(self, scenario: Scenario) -> Steps:
        """The course itself, at the host of the scenario."""
