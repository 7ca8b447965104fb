"""What the harness hands to the process that serves an app."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cookieproof.site.own_pages import OWN_PATHS

READY, TIME = (OWN_PATHS + name for name in ("ready", "time"))


@dataclass(frozen=True)
class Job:
    """What to serve, and on which file descriptor. ``config`` is pickled by itself: only the app's own code may be able
    to read it. ``trusts_proxy`` is whether the app is to believe ``X-Forwarded-*``.
    """

    app: str
    config: bytes
    listener: int
    token: str
    app_info: Path
    trusts_proxy: bool
