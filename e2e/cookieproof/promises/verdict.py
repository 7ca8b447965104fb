"""The verdict on one lifetime: kept, broken, not proven or not run, and the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cookieproof.promises.scenario_run import Remedy, ScenarioRun, failure_text


@dataclass(frozen=True)
class Verdict:
    """The outcome for one lifetime, with the text of the failure or reason, and the report's timeline.

    "not run": this machine lacks something. "not proven": the site lacks something. ``remedy`` names what would have
    to be declared for the promise to be kept, if that is known.
    """

    outcome: Literal["kept", "broken", "not run", "not proven"]
    text: str = ""
    timeline: dict[str, Any] | None = None
    remedy: Remedy | None = None


def verdict_on(runs: Sequence[ScenarioRun], timeline: dict[str, Any]) -> Verdict:
    """Return the verdict on the lifetime of which these scenarios have been run, with the report's timeline."""
    text = failure_text(runs)
    remedy = next((each.remedy for each in runs if each.failure), None)
    return Verdict("broken" if text else "kept", text, timeline, remedy)
