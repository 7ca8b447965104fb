"""A GitHub workflow as the rehearsal reads it: each job with each combination of its matrix."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from cookieproof.errors import CookieproofError

# docs.github.com: Workflow syntax, jobs.<job_id>.steps[*].shell
SHELLS = {None: ("bash", "-e"), "bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail")}
# What is known of a workflow, a job and a step. Another key could change what a line does, so it is refused.
WORKFLOW_KEYS = {"name", "on", "permissions", "concurrency", "jobs"}
JOB_KEYS = {"name", "needs", "if", "runs-on", "permissions", "timeout-minutes", "strategy", "steps"}
STEP_KEYS = {"name", "run", "shell", "if"}
WHATEVER_FAILED = "${{ !cancelled() }}"  # the only condition that is known: others are not met here
GITHUBS_TIMEOUT_MINUTES = 360


@dataclass(frozen=True)
class Entry:
    """One job with one combination of its matrix, its steps expanded. ``words`` are the values, by which it is named;
    those of a job without a matrix are its own name."""

    job: str
    words: Sequence[str]
    needs: Sequence[str]
    whatever_failed: bool
    steps: Sequence[Mapping[str, Any]]
    seconds: float

    @property
    def name(self) -> str:
        return ", ".join(self.words)

    def is_named(self, names: Sequence[str]) -> bool:
        """Whether one of the names is its own, or one of its words. No name is for all."""
        return not names or bool({self.name, *self.words} & set(names))

    def without(self, words: Collection[str]) -> Entry:
        """The same with lines in which these words do not stand."""
        named = re.compile(rf"\s(?:{'|'.join(map(re.escape, words))})(?![\w-])")
        steps = [{**step, "run": named.sub("", step["run"])} if "run" in step else step for step in self.steps]
        return replace(self, steps=steps) if words else self


def read(workflow: Path) -> list[Entry]:
    """The entries of each job, in the order of the file. Raises ``CookieproofError`` for what could not be rehearsed
    truthfully."""
    found = YAML(typ="safe", pure=True).load(workflow)
    _refuse(set(found) - WORKFLOW_KEYS, "a workflow")
    entries: list[Entry] = []
    for name, job in found["jobs"].items():
        _refuse(set(job) - JOB_KEYS, f'the job "{name}"')
        needs = job.get("needs", [])
        needs = [needs] if isinstance(needs, str) else needs
        _refuse(set(needs) - {entry.job for entry in entries}, f'needs: of the job "{name}" (a job above it is known)')
        _refuse({job.get("if", WHATEVER_FAILED)} - {WHATEVER_FAILED}, f'if: of the job "{name}"')
        matrix = job.get("strategy", {}).get("matrix", {})
        _refuse({key for key, values in matrix.items() if not isinstance(values, list)}, "a matrix")
        _refuse({"include", "exclude"} & set(matrix), "a matrix")
        for values in itertools.product(*matrix.values()):
            chosen = dict(zip(matrix, values, strict=True))
            steps = [expand(step, chosen) for step in job["steps"]]
            seconds = 60 * job.get("timeout-minutes", GITHUBS_TIMEOUT_MINUTES)
            words = tuple(map(str, values)) or (name,)
            entries.append(Entry(name, words, needs, "if" in job, steps, seconds))
    return entries


def expand(step: Mapping[str, Any], matrix: Mapping[str, Any]) -> dict[str, Any]:
    """The step with ``${{ matrix.… }}`` in its ``run:`` and ``with:`` replaced; in a line to run no other expression
    is known."""

    def expanded(text: object) -> str:
        return re.sub(r"\${{\s*matrix\.([\w-]+)\s*}}", lambda found: str(matrix.get(found[1], found[0])), str(text))

    if "uses" in step:
        return {**step, "with": {key: expanded(value) for key, value in step.get("with", {}).items()}}
    if step.get("if", WHATEVER_FAILED) != WHATEVER_FAILED:
        return dict(step)
    _refuse(set(step) - STEP_KEYS, "a step with run:")
    run = expanded(step["run"])
    _refuse(set(re.findall(r"\${{.*?}}", run)), "a run: line")
    if step.get("shell") not in SHELLS:
        raise CookieproofError(f"The workflow's shell {step['shell']} is unknown to the rehearsal: only bash is known.")
    return {**step, "run": run}


def _refuse(unknown: set[str], where: str) -> None:
    if unknown:
        raise CookieproofError(
            f"The rehearsal does not know `{sorted(unknown)[0]}` of {where}: teach it, or do without."
        )
