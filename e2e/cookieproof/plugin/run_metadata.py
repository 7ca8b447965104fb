"""What is known of a run before it begins: its machine, commit, shard and command line."""

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
    """Return the facts of the run that begins now."""
    option = config.option
    splits, group = getattr(option, "splits", None), getattr(option, "group", None)
    return Run(
        id=uuid.uuid4().hex,
        project=option.project or option.browser[0],
        engine=options.engine(config).title,
        shard=Shard(group, splits) if splits and group else None,
        ci_run=os.environ.get("GITHUB_RUN_ID") or None,
        attempt=attempt(),
        started=now(),
        machine=machine(),
        commit=_commit(config.rootpath),
        command=shlex.join([*program(), *map(str, config.invocation_params.args)]),
    )


def program() -> list[str]:
    """Return the words by which this pytest was started, as a person types them."""
    path = Path(sys.argv[0])
    if path.name != "__main__.py":
        return [os.path.relpath(path)]
    python = Path(sys.executable)
    return [python.name if shutil.which(python.name) == str(python) else os.path.relpath(python), "-m", "pytest"]


def attempt() -> int:
    """Return the number of the CI job's attempt; 1 if unknown."""
    said = os.environ.get("GITHUB_RUN_ATTEMPT", "")
    return max(1, int(said)) if said.isdecimal() else 1


def _commit(root: Path) -> str | None:
    """Return the commit that is tested, from CI's variables or from git; None if there is none."""
    if said := os.environ.get("GITHUB_SHA") or os.environ.get("CI_COMMIT_SHA"):
        return said
    try:
        asked = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=True, timeout=GIT_SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return asked.stdout.strip()
