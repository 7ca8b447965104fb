"""cross-browser runs one project after another, and its table has an outcome for each promise in each of them"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess
from xml.etree import ElementTree

import pytest

import workflow_rehearsal
from cookieproof import CookieproofError, NewVisitor
from cookieproof.browser.differences import DIFFERENCES
from cookieproof.browser.engine import Engine
from cookieproof.commands import cross_browser
from cookieproof.report.files import read
from cookieproof.report.metadata import not_had
from cookieproof.report.results import Results
from cookieproof.report.table import columns_of, table
from selftests.clock import test_awake
from selftests.support import made_up
from selftests.support.project import Project
from selftests.support.run_check import run_check
from selftests.visitor import test_back_and_forward
from tests.browsers import test_canaries, test_every_ending
from tests.support.canaries import Declared


def test_the_table() -> None:
    chromium, fox, quick = (made_up.run(name) for name in ("chromium", "fox", "quick"))
    skipped = made_up.attempt(quick, "not run", "a restart proves nothing")
    of_first = [
        made_up.check(chromium, "a promise", made_up.broken(chromium, 'cookie "a" should be sent\nmore')),
        made_up.check(fox, "a promise", differs=["how long: None (RFC 1)"]),
        made_up.check(quick, "a promise", skipped),
    ]
    tried = made_up.broken(fox, "not yet"), made_up.attempt(fox)
    others = [made_up.check(run, "another [True]", *(tried if run is fox else ())) for run in (chromium, fox, quick)]
    no_site = made_up.check(chromium, "of no site", group=None)
    webkit = not_had("webkit", "WebKit is not here.")
    results = Results(runs=[chromium, fox, quick, webkit], checks=[*of_first, *others, no_site])
    assert table(results, columns_of(results)).splitlines() == [
        "promise           chromium  fox      quick    webkit",
        "A cookie ends",
        "  a promise       BROKEN    differs  not run  not run",
        "  another [True]  kept      flaky    kept     not run",
        "webkit: not run. WebKit is not here.",
        'chromium: BROKEN. cookie "a" should be sent (a promise)',
        "fox: differs. As declared: how long: None (RFC 1) (a promise)",
        "quick: not run. a restart proves nothing (a promise)",
        "fox: flaky. not yet (another [True])",
    ]


PROJECTS = """
web_server = {"app": "app:create_app"}
projects = [{"name": "full"}, {"name": "beta", "use": {"channel": "chrome-beta"}}]
"""


def test_what_can_be_had_runs_and_what_cannot_has_a_line(project: Project) -> None:
    project.test(
        """
def test_a_cookie_ends(visitor):
    visitor.goto("/")
    visitor.restart()
    expect_cookie(visitor, "seen").not_to_be_sent()
"""
    )
    (project.folder / "playwright.config.py").write_text(PROJECTS)
    code, output = project.command("cookieproof", "cross-browser", "--", *project.ARGUMENTS)
    missing = 'beta: not run. The channel "chrome-beta" is not here. `playwright install chrome-beta` gets it;'
    assert output.count(missing) == 2, output  # when it happens, and below the table
    assert missing in f"beta: not run. {workflow_rehearsal.not_had(output, 'beta')}"
    assert workflow_rehearsal.not_had(output, "full") == ""
    assert "  a cookie ends  kept     not run" in output
    assert code == 0, output
    merged = project.folder / "test-results"
    names = [suite.get("name") for suite in ElementTree.parse(merged / "junit.xml").getroot()]
    assert names == ["full", "beta"]
    assert [run.state for run in read(merged).runs] == ["ended", "not had"]
    assert (merged / "report.html").exists()
    assert (project.folder / "test-results" / "full" / "report.html").exists()
    assert project.left_behind() == []


@pytest.mark.parametrize(
    ("strict", "names", "code"),
    [(False, [], 0), (False, ["full", "beta"], 0), (True, [], 0), (True, ["full", "beta"], 1)],
)
def test_what_was_asked_for_by_name_is_needed_where_the_settings_are_strict(
    strict: bool, names: list[str], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def install(engine: Engine, channel: str | None) -> str:
        if channel:
            raise CookieproofError(f"There is no {channel}.")
        return engine.title

    def run(command: list[str], check: bool) -> CompletedProcess[str]:
        [output] = [Path(word.partition("=")[2]) for word in command if word.startswith("--output=")]
        found = made_up.run("full", (2, 4))  # that the other shards are elsewhere is no failure
        made_up.left(output, found, [made_up.check(found, "a promise")])
        return CompletedProcess(command, 0)

    monkeypatch.chdir(tmp_path)
    Path("playwright.config.py").write_text(PROJECTS + f"strict = {strict}")
    monkeypatch.setattr(cross_browser, "install", install)
    monkeypatch.setattr("cookieproof.commands.cross_browser.subprocess.run", run)
    assert cross_browser.main(names, []) == code
    assert cross_browser.main(["beta"], []) == 1  # nothing ran
    with pytest.raises(CookieproofError, match=r'Did you mean "full"\?'):
        cross_browser.main(["ful"], [])


def test_the_results_of_an_earlier_run_are_not_taken_for_those_of_one_that_did_not_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("playwright.config.py").write_text('projects = [{"name": "full"}]')
    earlier = made_up.run("full")
    made_up.left(tmp_path / "test-results" / "full", earlier, [made_up.check(earlier, "a promise")])
    monkeypatch.setattr(cross_browser, "install", lambda engine, channel: engine.title)
    refused: CompletedProcess[str] = CompletedProcess([], pytest.ExitCode.USAGE_ERROR)
    monkeypatch.setattr("cookieproof.commands.cross_browser.subprocess.run", lambda command, check: refused)
    assert cross_browser.main([], ["--no-such-option"]) == 1
    said = capsys.readouterr().out
    assert "a promise" not in said
    assert read(tmp_path / "test-results").checks == []


AGES = pytest.mark.site("../../tests/apps/ages.py:create_app")
RESTORING = next(row for row in test_every_ending.ROWS if row.restores_session == "setting")


def _continues_where_it_was_left(new_visitor: NewVisitor, declared: Declared) -> None:
    test_every_ending.test_what_is_left_after(RESTORING, new_visitor, declared)


CANARIES: dict[str, Callable[..., None]] = {
    "lax_allowing_unsafe": test_canaries.test_how_long_a_cookie_without_same_site_goes_with_a_cross_site_post,
    "session_cookies_on_disk": test_canaries.test_whether_session_cookies_are_on_disk,
    "session_cookie_survives_a_crash": test_every_ending.test_what_is_left_after_a_crash,
    "restored_pages": _continues_where_it_was_left,
    "priority_decides": test_canaries.test_which_cookies_of_too_many_are_forgotten,
    "back_to_no_store": test_back_and_forward.test_each_says_where_the_page_came_from,
    "pages_from_memory_are_told": test_back_and_forward.test_work_goes_on_after_a_page_came_from_memory,
    "service_worker_outlives_idle_time": test_awake.test_timers_fire_in_order_and_on_site_and_browser_alike,
}
SITES = {
    test_canaries: AGES,
    test_back_and_forward: pytest.mark.site("../apps/history.py:create_app"),
    test_awake: pytest.mark.site("../apps/awake.py:create_app"),
}
OURS = (test_back_and_forward.__name__, test_awake.__name__)
WHOLE_BROWSER = (
    "session_cookies_on_disk",
    "session_cookie_survives_a_crash",
    "restored_pages",
    "back_to_no_store",
    "pages_from_memory_are_told",
)


def marks_of(name: str) -> list[pytest.MarkDecorator]:
    sites = [site for module, site in SITES.items() if module.__name__ == CANARIES[name].__module__]
    return [*sites, *([pytest.mark.whole_browser] if name in WHOLE_BROWSER else [])]


@pytest.mark.parametrize("name", [pytest.param(name, marks=marks_of(name)) for name in DIFFERENCES])
def test_a_browser_that_no_longer_does_as_declared_is_noticed(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each engine is told that it does what the other one does: then its canary must sing."""
    assert CANARIES.keys() == DIFFERENCES.keys()
    others = {"chromium": "firefox", "firefox": "chromium"}
    difference = DIFFERENCES[name]
    swapped = {engine: difference.values[other] for engine, other in others.items()}
    monkeypatch.setitem(DIFFERENCES, name, replace(difference, values=swapped))
    # Those of the shop say what a person loses by it; those of the harness need not.
    says = None if CANARIES[name].__module__ in OURS else r"The browser changed\. It used to"
    with pytest.raises(AssertionError, match=says):
        run_check(CANARIES[name], request)
