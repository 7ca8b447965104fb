"""Facts about this machine and the present time, for ``results.json``; and the run of a project that cannot be run."""

from __future__ import annotations

import os
import platform
import uuid
from datetime import UTC, datetime

from cookieproof.report.results import Machine, Run


def now() -> str:
    """Return the real time in UTC, in ISO 8601 with microseconds: ``2026-01-01T12:00:00.500000Z``."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def machine() -> Machine:
    """Return the facts about the machine on which this process runs."""
    system = f"{platform.system()} {platform.machine()}"
    return Machine(platform.node(), system, platform.python_version(), os.cpu_count() or 0)


def not_had(project: str, why: str) -> Run:
    """Return a run of the project with the state "not had"; ``why`` says why its browser is not here, as a sentence."""
    return Run(
        id=uuid.uuid4().hex,
        project=project,
        engine="",
        started=now(),
        state="not had",
        why=why,
        machine=machine(),
        command="",
    )
