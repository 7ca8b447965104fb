"""What the harness hands to the process that serves an app."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cookieproof.site.own_pages import OWN_PATHS

READY, TIME = (OWN_PATHS + name for name in ("ready", "time"))


@dataclass(frozen=True)
class Job:
    """What the child serves, and on which file descriptor (``listener``).

    ``config`` is pickled by itself, since only the app's own code may be able to unpickle it. ``token`` is what the
    child answers once it serves. ``trusts_proxy`` is whether the app is to believe ``X-Forwarded-*``.
    """

    app: str
    config: bytes
    listener: int
    token: str
    app_info: Path
    trusts_proxy: bool
