"""Facts of this machine and this moment, and the run that could not begin."""

from __future__ import annotations

import os
import platform
import uuid
from datetime import UTC, datetime

from cookieproof.report.results import Machine, Run


def now() -> str:
    """The time, as ``results.json`` has it."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def machine() -> Machine:
    """What this process runs on."""
    system = f"{platform.system()} {platform.machine()}"
    return Machine(platform.node(), system, platform.python_version(), os.cpu_count() or 0)


def not_had(project: str, why: str) -> Run:
    """The run of a project that cannot be had here, and why."""
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
