"""Which verdicts on lifetimes are not as expected."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cookieproof import Clock, Lifetime, NewVisitor
from cookieproof.promises.prove import prove
from cookieproof.promises.scenarios import SCENARIOS
from cookieproof.promises.scenarios.scenario import Scenario


def judged(
    lifetimes: Mapping[Lifetime, str],
    new_visitor: NewVisitor,
    clock: Clock,
    scenarios: Sequence[Scenario] = SCENARIOS,
) -> list[str]:
    """The verdicts that are wrong: each lifetime is to be kept, or to be broken with these words."""
    verdicts = prove(list(lifetimes), new_visitor, clock, scenarios=scenarios)
    return [
        f"expected {says or 'kept'}, but {lifetime} {lifetime.renewed_by} {lifetime.deleted_by}: "
        f"{verdict.outcome}, {verdict.text}"
        for lifetime, says in lifetimes.items()
        if (verdict := verdicts[lifetime])
        and not (re.search(says, verdict.text) if says else verdict.outcome == "kept")
    ]
