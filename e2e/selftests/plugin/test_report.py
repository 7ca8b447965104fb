"""A run's report.html shows each check at a glance, and nothing of the run becomes markup"""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from cookieproof.plugin.report import Check, Run, write
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
    expect(page.get_by_role("heading", level=1)).to_have_text("1 broken, 1 kept, 2 not run")

    kept = page.locator("details", has_text="a promise that is kept")
    expect(kept.locator("svg text", has_text="browser closed")).to_be_visible()
    assert marks(kept.locator("svg g title").all_text_contents()) == ["set", "ended"]
    broken = page.locator("details", has_text="a promise that is broken")
    expect(broken.locator("pre")).to_contain_text('cookie "seen" should be sent to /, but is not.')
    expect(broken.locator("code")).to_contain_text("--headed --slowmo 400")
    for artifact in broken.get_by_role("link").all():
        href = artifact.get_attribute("href") or ""
        assert (project.folder / "test-results" / href).is_file()
    cut = f"long={'v' * 40}… (2000 characters, sha256 "
    expect(broken.locator("pre")).to_contain_text(cut)
    [whole] = (project.folder / "test-results").rglob("wire.txt")
    assert f"    Cookie: long={'v' * 2000}\n" in whole.read_text()
    assert broken.get_by_role("link").all_inner_texts() == ["screenshot", "log", "wire"]
    expect(page.locator("details", has_text="that does not run")).to_contain_text("not here")
    assert not re.search(r'(src|href)="(https?:)?//', page.content())  # nothing comes from elsewhere


def marks(titles: list[str]) -> list[str]:
    """The kinds of marks among a picture's titles, in which columns have a "·"."""
    return [title.partition(":")[0] for title in titles if "·" not in title]


def test_names_and_failures_are_text(tmp_path: Path, page: Page) -> None:
    check = Check(
        "test_it.py::test_it", "<b>group</b>", "broken", text="<img src=x>", words="<script>alert(1)</script>"
    )
    check.timeline = {
        "columns": [{"label": "GET /<i>", "kind": "visit", "time": "now"}],
        "lanes": [{"who": "visitor 1", "name": "<a>", "where": "localhost/", "bars": [], "marks": [[0, "set", "<u>"]]}],
    }
    write(Run(tmp_path / "report.html", "chromium", [check], ["<em>note</em>"]))
    page.goto((tmp_path / "report.html").as_uri())
    assert page.locator("script, img, i, u, em, svg a").count() == 0
    expect(page.get_by_role("heading", level=2)).to_have_text("<b>group</b>")


def test_a_whole_suite_stays_small(tmp_path: Path) -> None:
    columns = [{"label": f"GET /a/path/{n}", "kind": "visit", "time": "2026-01-01 12:00:00 UTC"} for n in range(15)]
    marks = [[n, "set", "session=" + "x" * 100 + "; HttpOnly; Path=/; SameSite=Lax"] for n in range(15)]
    lane = {"who": "visitor 1", "name": "session", "where": "localhost/", "bars": [[0, 14, "age"]], "marks": marks}
    timeline = {"columns": columns, "lanes": [lane] * 3}
    checks = [Check(f"test_it.py::test_{n}", "group", "kept", timeline=timeline, words=str(n)) for n in range(200)]
    write(Run(tmp_path / "report.html", "chromium", checks, []))
    assert (tmp_path / "report.html").stat().st_size < 3_000_000
