"""What the documents show is what happens"""

import re
import subprocess
from collections.abc import Callable

import pytest

from cookieproof import expect_cookie
from cookieproof.visitor.visitor import Visitor
from selftests.support.documents import README, RECIPES, ROOT, blocks
from selftests.support.project import E2E, Project
from tests.browsers.test_every_ending import ROWS, Row
from tests.stores import test_session_stores, test_two_processes
from tests.support import stores

LIMITS = ROOT / "docs" / "limits.md"
YOUR_OWN_APP = "Your own app"  # whose blocks test_any_app.py runs


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_the_table_of_endings_is_the_declared_one(row: Row) -> None:
    lines = README.read_text().splitlines()
    said = next(line for line in lines if line.startswith(f"| {row.name}"))
    elsewhere = f" (Firefox: {row.aged_elsewhere})" if row.aged_elsewhere else ""
    assert said.replace("*", "").endswith(f" | {row.session} | {row.aged}{elsewhere} |")


def test_the_table_of_stores_has_each_check_on_each_store() -> None:
    lines = README.read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("| promise | the cookie itself"))
    rows = [line.strip("| ").split(" | ") for line in lines[start:]]
    urls = [cell.strip("`").partition(":")[0] for cell in rows[0][2:]]
    assert urls == ["file", "sqlite", "redis", "redis+cluster"]
    assert len(urls) == len(stores.KINDS)
    shown = {row[0]: [cell == "kept" for cell in row[2:]] for row in rows[2:] if "kept" in row[2:]}
    checks = {name: check for name, check in vars(test_session_stores).items() if name.startswith("test_")}
    promises = {name.removeprefix("test_").replace("_", " "): _kinds(check) for name, check in checks.items()}
    promises[(test_two_processes.__doc__ or "").lower()] = stores.KINDS
    assert shown == {promise: [kind in kinds for kind in stores.KINDS] for promise, kinds in promises.items()}


def _kinds(check: Callable[..., None]) -> list[str]:
    """The stores that a check runs on: all, unless it says otherwise."""
    marks: list[pytest.Mark] = getattr(check, "pytestmark", [])
    return next((mark.args[1] for mark in marks if mark.args[:1] == ("_store",)), stores.KINDS)


def test_every_file_in_the_documents_passes(project: Project) -> None:
    shown = [block for document in (README, RECIPES) for block in blocks(document) if block.heading != YOUR_OWN_APP]
    files = {block.file: block.text for block in shown if block.language == "python"}
    assert all(files), "a block of Python does not say which file it is"
    (project.folder / "site").symlink_to(ROOT / "site")
    for name, text in files.items():
        (project.folder / name).write_text(text)
    code, output = project.run()
    assert code == 0, output
    promised = sum(text.count("\ndef test_") + text.count("    Lifetime(") for text in files.values())
    assert f"{promised} passed" in output, output


def test_each_limit_names_the_test_that_shows_it() -> None:
    lines = [line for line in LIMITS.read_text().splitlines() if line.startswith("| ") and "shown by" not in line]
    shown = [line.rstrip(" |").rpartition("| ")[2].strip("`").partition("::") for line in lines if "---" not in line]
    assert len(shown) > 10
    for name, _, test in shown:
        [file] = [*(E2E / "selftests").rglob(name), *(E2E / "tests").rglob(name)]
        assert f"def {test or 'test_'}" in file.read_text(), (name, test)


COMMANDS = [
    line.partition("  #")[0].removeprefix("xvfb-run -a ")
    for block in blocks(README)
    if block.language == "sh" and block.heading != YOUR_OWN_APP
    for line in block.text.splitlines()
]


@pytest.mark.parametrize("command", COMMANDS)
def test_make_knows_every_command(command: str) -> None:
    make, target, *variables = re.findall(r'(?:[^\s"]|"[^"]*")+', command)
    assert make == "make"
    words = [variable.replace('"', "") for variable in variables]
    run = subprocess.run(["make", "-n", target, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    for word in words:  # and knows what is set
        assert word.partition("=")[2] in run.stdout


@pytest.mark.site("../../tests/apps/article.py:create_app")
def test_a_failure_looks_as_shown(visitor: Visitor) -> None:
    visitor.goto("/set_cookie")
    visitor.goto("/delete_cookie")
    with pytest.raises(AssertionError) as failure:
        expect_cookie(visitor, "Itcast_1").to_be_deleted()
    [shown] = [block.text for block in blocks(README) if block.text.startswith("AssertionError: ")]
    times = re.compile(r"\d\d:\d\d:\d\d")
    said = times.sub("…", str(failure.value)).splitlines()
    for line in times.sub("…", shown).removeprefix("AssertionError: ").splitlines():
        assert line in said


def test_the_comparison_of_browsers_names_promises_that_are_there() -> None:
    [shown] = [block.text for block in blocks(README) if block.text.startswith("promise ")]
    text = "".join(file.read_text() for file in (E2E / "tests").rglob("test_*.py"))
    words = [name.replace("_", " ") for name in re.findall(r"^def test_(\w+)", text, re.M)]
    for line in shown.splitlines()[1:]:
        promise = re.split(r"  +|…", line.strip())[0]
        if line.startswith("  "):
            assert any(each.startswith(promise) for each in words), promise
        else:
            assert f'"""{promise}' in text
