"""What docs/ci.md says for GitHub, GitLab and a shell runs, as far as it can without the service"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import workflow_rehearsal
from cookieproof.report.files import read
from selftests.support.documents import DOCS, blocks
from selftests.support.project import E2E, Project, Result

[GITHUB, GITLAB] = [block.text for block in blocks(DOCS / "ci.md") if block.language == "yaml"]
[SHELL] = [block.text for block in blocks(DOCS / "ci.md") if block.language == "bash"]

TESTS = """
import pathlib

def test_one(site):
    assert not pathlib.Path("broken").exists(), "it broke"

def test_two(site):
    pass
"""
CONFIG = """
web_server = {"app": "app:create_app"}
projects = [{"name": "chromium"}, {"name": "firefox", "use": {"browser": "firefox"}}]
"""
# What `pip install` puts on the PATH; a browser need not be had, since none of these tests starts one.
PYTHON = f"""#!/bin/sh
case "$*" in
  *"cookieproof install"*) echo "$@" >>LOG;;
  *) PYTHONPATH={E2E} exec {sys.executable} "$@";;
esac
"""
PYTEST = f'#!/bin/sh\nexec python -m pytest {" ".join(Project.ARGUMENTS)} "$@"\n'
PIP = '#!/bin/sh\necho pip "$@" >>LOG\n'


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Says what was to be installed."""
    return tmp_path / "log"


@pytest.fixture
def theirs(project: Project, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of two tests, and on the PATH what its recipes call."""
    project.test(TESTS)
    (project.folder / "playwright.config.py").write_text(CONFIG)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in {"python": PYTHON, "pytest": PYTEST, "pip": PIP}.items():
        (programs / name).write_text(text.replace("LOG", str(log)))
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    project.env["PATH"] = os.environ["PATH"]
    return project


def is_valid(text: str, schema: str, folder: Path) -> None:
    """Check a recipe against what its service accepts."""
    (folder / "recipe.yml").write_text(text)
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(folder / "recipe.yml")]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout


def shell(project: Project, script: str, **env: str) -> Result:
    """Run a script in the project's folder, as the services do: until a line fails."""
    run = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=project.folder,
        env=project.env | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Result(run.returncode, run.stdout)


def found(folder: Path) -> list[tuple[str, tuple[int, int], str, str]]:
    """What a report tells: project, shard, check and outcome."""
    results = read(folder)
    shards = {run.id: run.shard for run in results.runs}
    told = []
    for check in results.checks:
        shard = shards[check.attempts[0].run]
        assert shard
        told.append((check.project, (shard.number, shard.of), check.promise, check.outcome))
    return sorted(told)


def test_github(theirs: Project, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    is_valid(GITHUB, "vendor.github-workflows", tmp_path)
    workflow = theirs.folder / workflow_rehearsal.WORKFLOW
    workflow.parent.mkdir(parents=True)
    workflow.write_text(GITHUB)
    name = ("-c", "user.name=A", "-c", "user.email=a@shop.example")
    for command in (["init", "--quiet"], ["add", "."], [*name, "commit", "--quiet", "--message", "A project"]):
        subprocess.run(["git", *command], cwd=theirs.folder, check=True)
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert workflow_rehearsal.main(theirs.folder, ["chromium", "report"]) == 0
    assert summary.read_text().count("\n## 1 kept\n") == 1  # each group's, the first at the file's beginning
    assert "\n## 2 kept\n" in summary.read_text()
    asked = sorted(log.read_text().splitlines())
    assert asked == ["-m cookieproof install chromium"] * 2 + ["pip install -r requirements.txt"] * 3


def test_gitlab(theirs: Project, log: Path, tmp_path: Path) -> None:
    is_valid(GITLAB, "vendor.gitlab-ci", tmp_path)
    recipe: Mapping[str, Any] = YAML(typ="safe", pure=True).load(GITLAB)
    results, kept = theirs.folder / "results", tmp_path / "results"
    jobs = {name: {**recipe[each["extends"]], **each} for name, each in recipe.items() if "extends" in each}
    for job in jobs.values():
        assert (job["stage"], job["artifacts"]) == (recipe["stages"][0], {"when": "always", "paths": ["results"]})
        script = "\n".join([*recipe["default"]["before_script"], *job["script"]])
        for number in range(1, job["parallel"] + 1):
            nodes = {"CI_NODE_INDEX": str(number), "CI_NODE_TOTAL": str(job["parallel"])}
            done = shell(theirs, script, CI="true", **nodes, **job["variables"])
            assert done.code == 0, done.output
            shutil.copytree(results, kept, dirs_exist_ok=True)
            shutil.rmtree(results)
    report = recipe["report"]
    assert (report["stage"], report["when"]) == (recipe["stages"][-1], "always")
    shutil.copytree(kept, results)  # the artifacts of the stages before
    done = shell(theirs, "\n".join(report["script"]), CI="true")
    assert done.code == 0, done.output
    halves = [((1, 2), "one", "kept"), ((2, 2), "two", "kept")]
    assert found(theirs.folder / "report") == [(name, *each) for name in sorted(jobs) for each in halves]
    junit = theirs.folder / report["artifacts"]["reports"]["junit"]
    assert "<error" not in junit.read_text()
    assert "-m cookieproof install firefox" in log.read_text()
    shutil.rmtree(results / "firefox-2")
    done = shell(theirs, "\n".join(report["script"]), CI="true")
    assert (done.code, "firefox: shard 2 of 2 is missing." in done.output) == (1, True), done.output
    assert '<error message="firefox: shard 2 of 2 is missing."' in junit.read_text()  # all that a merge request shows


def test_a_shell(theirs: Project) -> None:
    (theirs.folder / "broken").touch()
    done = shell(theirs, SHELL)
    assert done.code == 1, done.output
    assert found(theirs.folder / "report") == [
        ("chromium", (1, 2), "one", "broken"),
        ("chromium", (2, 2), "two", "kept"),
    ]
