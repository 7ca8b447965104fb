"""Each life of a visitor leaves its own trace and screenshot"""

import zipfile

import pytest

from selftests.conftest import Project

LIVES = """
def test_lives(visitor):
    visitor.goto("/")
    visitor.restart()
    visitor.goto("/")
    visitor.crash()
    visitor.open()
    visitor.goto("/")
    assert {outcome}
"""
NAMES = ["visitor-1-life-1-first", "visitor-1-life-2-after-close", "visitor-1-life-3-after-crash"]


@pytest.mark.parametrize(
    ("outcome", "tracing", "screenshot", "kept"),
    [
        (True, "on", "on", [f"{name}.{kind}" for name in NAMES for kind in ("png", "zip")]),
        (True, "retain-on-failure", "only-on-failure", []),
        (False, "retain-on-failure", "off", [f"{name}.zip" for name in NAMES] + [f"{NAMES[2]}.png"]),
    ],
)
def test_what_is_kept(project: Project, outcome: bool, tracing: str, screenshot: str, kept: list[str]) -> None:
    project.test(LIVES.format(outcome=outcome))
    output = project.run("--site", "app:create_app", "--tracing", tracing, "--screenshot", screenshot)[1]
    files = {path.name: path for path in (project.folder / "test-results").glob("*/visitor-*")}
    assert sorted(files) == sorted(kept), output
    for path in files.values():
        if path.suffix == ".zip":
            assert any(name.endswith(".trace") for name in zipfile.ZipFile(path).namelist())
    assert project.left_behind() == []
