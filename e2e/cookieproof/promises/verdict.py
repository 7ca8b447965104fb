"""What became of one lifetime."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from cookieproof.promises.scenario import Remedy


@dataclass(frozen=True)
class Verdict:
    """What became of one lifetime: the failure's text, or why it was not run, and the report's picture.

    ``remedy`` names what would have to be declared for it to be kept, if that is known.
    """

    outcome: Literal["kept", "broken", "not run"]
    text: str = ""
    timeline: dict[str, Any] | None = None
    remedy: Remedy | None = None
