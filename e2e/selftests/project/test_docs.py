"""What the documents show is what happens"""

import os
import re
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from cookieproof import Site, Visitor, expect_cookie
from cookieproof.promises.audit.audit import chosen
from cookieproof.promises.audit.requirements import REQUIREMENTS
from selftests.support.documents import (
    AUDIT,
    BESIDE,
    CHANGELOG,
    DOCS,
    ELSEWHERE,
    PAGES,
    README,
    ROOT,
    anchors,
    blocks,
    cells,
    links,
    shown,
    title,
)
from selftests.support.project import E2E, Project
from tests.browsers.test_every_ending import ROWS, Row
from tests.stores import test_session_stores, test_two_processes
from tests.support import stores

SHOWN = shown()
[ELSEWHERE_FILE] = [block for block in SHOWN if block.heading == ELSEWHERE]


def text_of(page: str) -> str:
    return (DOCS / page).read_text()


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_the_table_of_endings_is_the_declared_one(row: Row) -> None:
    lines = text_of("endings.md").splitlines()
    said = next(line for line in lines if line.startswith(f"| {row.name}"))
    elsewhere = f" (Firefox: {row.aged_elsewhere})" if row.aged_elsewhere else ""
    assert said.replace("*", "").endswith(f" | {row.session} | {row.aged}{elsewhere} |")


def test_the_table_of_stores_has_each_check_on_each_store() -> None:
    lines = text_of("server-side-sessions.md").splitlines()
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


@pytest.mark.timeout(300)  # it takes a minute where nothing else runs
def test_every_file_in_the_documents_passes(project: Project, frameworks: Path) -> None:
    python = [block for block in SHOWN if block.language == "python" and block.heading not in (AUDIT, BESIDE)]
    files = {block.file: block.text for block in python}
    assert all(files), "a block of Python does not say which file it is"
    assert len(files) == len(python), "two blocks are one file"
    del files[ELSEWHERE_FILE.file]
    (project.folder / "site").symlink_to(ROOT / "site")
    project.env["PYTHONPATH"] += f"{os.pathsep}{frameworks}"
    for name, text in files.items():
        (project.folder / name).write_text(text)
    declared = ("\ndef test_", "    Lifetime(", "    SignIn(")
    promised = sum(text.count(each) for text in files.values() for each in declared)
    project.run().assert_outcomes(passed=promised)


@pytest.mark.site("../apps/real/flask_site.py:create_app")
def test_the_file_for_a_site_elsewhere_passes(project: Project, site: Site) -> None:
    (project.folder / ELSEWHERE_FILE.file).write_text(ELSEWHERE_FILE.text)
    project.run("--base-url", site.url, ELSEWHERE_FILE.file).assert_outcomes(passed=1)


def test_the_project_with_another_site_beside_it_passes(project: Project) -> None:
    for block in (each for each in SHOWN if each.heading == BESIDE):
        (project.folder / block.file).write_text(block.text)
    project.run().assert_outcomes(passed=1)


@pytest.mark.timeout(300)
@pytest.mark.whole_browser  # the headless shell continues no session
def test_the_audit_passes_at_a_right_site(project: Project) -> None:
    [block] = [each for each in SHOWN if each.heading == AUDIT]
    (project.folder / block.file).write_text(block.text)
    result = project.run("--site", f"{E2E}/selftests/apps/audited.py:create_app", block.file)
    not_asked = [
        each for each in chosen(2) if {"remember", "reset_password", "change_password", "another"} & set(each.needs)
    ]
    of_tokens = [each for each in chosen(2) if each.wstg == "WSTG-SESS-10"]
    skipped = len(not_asked) + len(of_tokens)
    result.assert_outcomes(passed=len(chosen(2)) - skipped, skipped=skipped)


def test_the_table_of_the_audit_has_each_requirement() -> None:
    rows = [row for row in cells(text_of("session-audit.md")) if row[0].startswith("WSTG-")]
    assert [row[:2] + row[3:4] for row in rows] == [
        [
            each.test_name,
            f"{each.asvs}, level {each.level}" if each.asvs else "none",
            ", ".join(f"`{name}`" for name in each.needs) or "none",
        ]
        for each in REQUIREMENTS
    ]


def test_each_limit_names_the_test_that_shows_it() -> None:
    rows = [row for row in cells(text_of("limits.md")) if row[-1].startswith("`")]
    assert len(rows) > 10
    for *_, shown_by in rows:
        for each in shown_by.strip("`").split("`, `"):
            name, _, test = each.partition("::")
            [file] = E2E.rglob(name)
            assert f"def {test or 'test_'}" in file.read_text(), each


def test_each_file_that_is_named_is_there() -> None:
    named = {
        name
        for page in PAGES
        for name in re.findall(r"`((?:e2e|site|docs|\.github)/[\w./-]+|(?:\w+/)*test_\w+\.py)[`:]", page.read_text())
        if name not in {block.file for page in PAGES for block in blocks(page)}
    }
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists() and not list(E2E.rglob(name))] == []


@pytest.mark.parametrize("page", [*PAGES, CHANGELOG], ids=lambda page: page.stem if page.parent == DOCS else page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        file, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = (page.parent / file) if file else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_list_of_pages_has_each_by_its_title() -> None:
    index = text_of("README.md")
    for page in DOCS.glob("*.md"):
        if page.name != "README.md":
            assert f"- [{title(page)}]({page.name})" in index
            assert title(page).endswith("?"), "the title of a page is the question that it answers"


def test_readme_stays_short() -> None:
    assert len(README.read_text().splitlines()) <= 180


def test_the_version_stands_in_one_place() -> None:
    """In pyproject.toml; the changelog names it once it is released."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    headings = re.findall(r"^## (.*)$", CHANGELOG.read_text(), re.M)
    assert headings[0] == "[Unreleased]"
    released = [re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d", heading) for heading in headings[1:]]
    assert all(released), headings
    assert [found[1] for found in released if found][:1] in ([], [version])
    kinds = set(re.findall(r"^### (.*)$", CHANGELOG.read_text(), re.M))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


COMMANDS = [
    line.partition("  #")[0].removeprefix("xvfb-run -a ")
    for block in SHOWN
    if block.language == "sh"
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
    [example] = [block.text for block in SHOWN if block.text.startswith("AssertionError: ")]
    times = re.compile(r"\d\d:\d\d:\d\d")
    said = times.sub("…", str(failure.value)).splitlines()
    for line in times.sub("…", example).removeprefix("AssertionError: ").splitlines():
        assert line in said


def test_the_comparison_of_browsers_names_promises_that_are_there() -> None:
    [example] = [block.text for block in SHOWN if block.text.startswith("promise ")]
    text = "".join(file.read_text() for file in (E2E / "tests").rglob("test_*.py"))
    words = [name.replace("_", " ") for name in re.findall(r"^def test_(\w+)", text, re.M)]
    for line in example.splitlines()[1:]:
        promise = re.split(r"  +|…", line.strip())[0]
        if line.startswith("  "):
            assert any(each.startswith(promise) for each in words), promise
        else:
            assert f'"""{promise}' in text
