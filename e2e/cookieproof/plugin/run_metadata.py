"""What is to be known of a run before it begins: its machine, its commit, its shard, what was typed."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from cookieproof.plugin import options
from cookieproof.report.metadata import machine, now
from cookieproof.report.results import Run, Shard

GIT_SECONDS = 5


def run_metadata(config: pytest.Config) -> Run:
    """The facts of the run that begins now."""
    option = config.option
    splits, group = getattr(option, "splits", None), getattr(option, "group", None)
    return Run(
        id=uuid.uuid4().hex,
        project=option.project or option.browser[0],
        engine=options.engine(config).title,
        shard=Shard(group, splits) if splits and group else None,
        attempt=attempt(),
        started=now(),
        machine=machine(),
        commit=_commit(config.rootpath),
        command=shlex.join([*program(), *map(str, config.invocation_params.args)]),
    )


def program() -> list[str]:
    """How this pytest was started, as a person types it."""
    path = Path(sys.argv[0])
    if path.name != "__main__.py":
        return [os.path.relpath(path)]
    python = Path(sys.executable)
    return [python.name if shutil.which(python.name) == str(python) else os.path.relpath(python), "-m", "pytest"]


def attempt() -> int:
    """Which try of the CI's job this is; 1 where nothing says it."""
    said = os.environ.get("GITHUB_RUN_ATTEMPT", "")
    return max(1, int(said)) if said.isdecimal() else 1


def _commit(root: Path) -> str | None:
    """The commit that is tested: the CI's word, else git's; None if there is none."""
    if said := os.environ.get("GITHUB_SHA") or os.environ.get("CI_COMMIT_SHA"):
        return said
    try:
        asked = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=True, timeout=GIT_SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return asked.stdout.strip()
