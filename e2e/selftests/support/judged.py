"""Which verdicts on lifetimes are not as expected."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cookieproof import Clock, Lifetime, NewVisitor
from cookieproof.promises.prove import prove
from cookieproof.promises.scenario_run import ScenarioRun
from cookieproof.promises.scenarios import SCENARIOS
from cookieproof.promises.scenarios.scenario import Scenario
from cookieproof.promises.steps import Steps


class ScenarioPattern(str):
    """What a verdict is to say, as a pattern, and the name of the one scenario that is run to find it out."""

    scenario: str


def said_by(scenario: type[Scenario], pattern: str) -> ScenarioPattern:
    """A pattern for what the scenario says of a lifetime, "" if it is kept: no other one is run for it.

    A lifetime that is right is run through all of them where they could disagree, else through the one to which its
    site is made to look wrong.
    """
    said = ScenarioPattern(pattern)
    said.scenario = scenario.name
    return said


class ChosenScenario:
    """A scenario that is run for those lifetimes only of which it is to say something, or all are to."""

    def __init__(self, scenario: Scenario, lifetimes: Mapping[Lifetime, str]) -> None:
        self.name, self._scenario, self._lifetimes = scenario.name, scenario, lifetimes

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        says = self._lifetimes[lifetime]
        chosen = not isinstance(says, ScenarioPattern) or says.scenario == self.name
        return chosen and self._scenario.applies_to(lifetime, moves_clock=moves_clock)

    def steps(self, run: ScenarioRun) -> Steps:
        return self._scenario.steps(run)


def judged(
    lifetimes: Mapping[Lifetime, str],
    new_visitor: NewVisitor,
    clock: Clock,
    scenarios: Sequence[Scenario] = SCENARIOS,
) -> list[str]:
    """The verdicts that are wrong: each lifetime is to be kept, or to be broken with these words."""
    chosen = [ChosenScenario(scenario, lifetimes) for scenario in scenarios]
    verdicts = prove(list(lifetimes), new_visitor, clock, scenarios=chosen)
    return [
        f"expected {says or 'kept'}, but {lifetime} {lifetime.renewed_by} {lifetime.deleted_by}: "
        f"{verdict.outcome}, {verdict.text}"
        for lifetime, says in lifetimes.items()
        if (verdict := verdicts[lifetime])
        and not (re.search(says, verdict.text) if says else verdict.outcome == "kept")
    ]
