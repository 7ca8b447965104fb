"""The verdict on one lifetime: kept, broken, not proven or not run, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cookieproof.promises.scenario_run import Remedy, ScenarioRun, failure_text


@dataclass(frozen=True)
class Verdict:
    """What became of one lifetime: the failure's text, or why it was not run, and the report's picture.

    "not run" is for want of something on this machine, "not proven" for want of something in the site.
    ``remedy`` names what would have to be declared for it to be kept, if that is known.
    """

    outcome: Literal["kept", "broken", "not run", "not proven"]
    text: str = ""
    timeline: dict[str, Any] | None = None
    remedy: Remedy | None = None


def verdict_on(runs: Sequence[ScenarioRun], timeline: dict[str, Any]) -> Verdict:
    """The verdict on a lifetime of which these scenarios have been run, with the report's picture of them."""
    text = failure_text(runs)
    remedy = next((each.remedy for each in runs if each.failure), None)
    return Verdict("broken" if text else "kept", text, timeline, remedy)
