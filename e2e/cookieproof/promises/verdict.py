"""What became of one lifetime."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Verdict:
    """What became of one lifetime: the failure's text, or why it was not run, and the report's picture."""

    outcome: Literal["kept", "broken", "not run"]
    text: str = ""
    timeline: dict[str, Any] | None = None
