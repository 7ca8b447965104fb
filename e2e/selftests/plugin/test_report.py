"""A run's report.html shows each check at a glance, and nothing of the run becomes markup"""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from selftests.support.project import Project

TESTS = """
import pytest

def test_a_promise_that_is_kept(visitor):
    visitor.goto("/")
    visitor.restart()
    expect_cookie(visitor, "seen").not_to_be_sent()

def test_a_promise_that_is_broken(visitor):
    visitor.goto("/nowhere")
    visitor.context.add_cookies([{"name": "long", "value": "v" * 2000, "url": visitor.url}])
    visitor.goto("/nowhere")
    expect_cookie(visitor, "seen").to_be_sent()

@pytest.mark.skip("not here")
def test_that_does_not_run(visitor):
    pass

@pytest.mark.xfail(reason="not mended yet")
def test_that_is_known_to_fail(visitor):
    assert 0
"""


def test_the_report_of_a_run_with_workers(project: Project, page: Page) -> None:
    project.test(TESTS)
    output = project.run("--site", "app:create_app", "-n", "2")[1]
    assert "report: test-results/report.html" in output
    assert "not run: not here (1 check)" in output
    assert "not run: expected to fail: not mended yet (1 check)" in output
    page.goto((project.folder / "test-results" / "report.html").as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text("1 broken, 2 not run, 1 kept")

    kept = page.locator("details.check", has_text="a promise that is kept")
    kept.locator("summary").click()
    expect(kept.locator("svg text", has_text="browser closed")).to_be_visible()
    assert marks(kept.locator("svg g title").all_text_contents()) == ["set", "ended"]
    broken = page.locator("details.check", has_text="a promise that is broken")
    said = broken.get_by_label("What it says")
    expect(said).to_contain_text('cookie "seen" should be sent to /, but is not.')
    expect(broken.locator("code")).to_contain_text("--headed --slowmo 400")
    for artifact in broken.get_by_role("link").all():
        href = artifact.get_attribute("href") or ""
        assert (project.folder / "test-results" / href).is_file()
    cut = f"long={'v' * 40}… (2000 characters, sha256 "
    expect(said).to_contain_text(cut)
    [whole] = (project.folder / "test-results").rglob("wire.txt")
    assert f"    Cookie: long={'v' * 2000}\n" in whole.read_text()
    files = broken.locator(".files a").evaluate_all("links => links.map(link => link.href.split('/').pop())")
    assert sorted(set(files)) == ["site.log", "visitor-1-life-1-first.png", "wire.txt"]
    expect(page.locator("details.check", has_text="that does not run")).to_contain_text("not here")
    assert not re.search(r'(src|href)="(https?:)?//', page.content())  # nothing comes from elsewhere


def marks(titles: list[str]) -> list[str]:
    """The kinds of marks among a picture's titles, in which columns have a "·"."""
    return [title.partition(":")[0] for title in titles if "·" not in title]


ONCE = """
TRIES = []

def test_that_breaks_once(site):
    TRIES.append(1)
    assert len(TRIES) > 1, "not yet"
"""

# Stands for any other plugin that runs a test again.
RUNS_AGAIN = """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item):
    for last in (False, True):
        reports = runtestprotocol(item, log=False)
        for report in reports:
            if report.failed and not last:
                report.outcome = "rerun"
            item.ihook.pytest_runtest_logreport(report=report)
        item._initrequest()
    return True
"""


@pytest.mark.parametrize(
    "plugin",
    [["--reruns", "1"], ["--reruns", "1", "-n", "1"], ["-p", "no:rerunfailures"]],
    ids=["alone", "xdist", "another"],
)
def test_a_run_that_is_to_fail_on_flaky_checks_does(plugin: list[str], project: Project) -> None:
    project.test(ONCE)
    if "-p" in plugin:
        (project.folder / "conftest.py").write_text(RUNS_AGAIN)
    run = project.run("--site", "app:create_app", "--fail-on-flaky", *plugin)
    assert "--fail-on-flaky: the run fails for 1 flaky check" in run.output, run.output
    assert run.code == 1
    [told] = json.loads((project.folder / "test-results" / "results.json").read_text())["runs"]
    assert told["exit_code"] == 1


def test_the_command_that_shows_a_failure_names_the_site_of_its_run(project: Project) -> None:
    project.test("def test_it(site):\n    assert not site.url\n")
    served = "python app.py {port}"
    (project.folder / "app.py").write_text(
        "import http.server as s, sys\n"
        's.HTTPServer(("127.0.0.1", int(sys.argv[1])), s.SimpleHTTPRequestHandler).serve_forever()\n'
    )
    for arguments, words in {
        ("--site-command", served): f"--browser chromium --site-command '{served}'",
        ("--base-url=http://127.0.0.1:9",): "--browser chromium --base-url http://127.0.0.1:9",
        ("--base-url=http://127.0.0.1:9", "--browser-channel", "chrome"): "http://127.0.0.1:9 --browser-channel chrome",
    }.items():
        result = project.run(*arguments)
        result.assert_outcomes(failed=1)
        assert words in result.output
