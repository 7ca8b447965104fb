"""What the harness hands to the process that serves an app."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cookieproof.site.own_pages import OWN_PATHS
from cookieproof.site.sockets import Sockets

READY, TIME = (OWN_PATHS + name for name in ("ready", "time"))


@dataclass(frozen=True)
class Job:
    """What to serve. ``config`` is pickled by itself: only the app's own code may be able to read it."""

    app: str
    config: bytes
    sockets: Sockets[int]
    ports: Sockets[int]
    certificate: Path
    token: str
    wire: Path
    facts: Path
    in_flight: Path
