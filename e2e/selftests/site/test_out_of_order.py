"""A site that dies, a page that never answers and a visit that shows no page are each told at once, in a sentence"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Error

from cookieproof import CookieproofError, Site, Visitor, expect_cookie
from cookieproof.browser.pages import ANSWER_SECONDS
from cookieproof.errors import wait_until
from selftests.support.project import Project

pytestmark = pytest.mark.site("../apps/out_of_order.py:create_app")
ENDED = (
    r"(?s)The site's process ended with exit code 3 while it answered GET /exit\. Mend what it said last:\n.*no more"
)


@contextmanager
def at_once(seconds: float = 10) -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds


# --- a site that dies


def test_whatever_waits_for_a_site_that_dies_fails_at_once(visitor: Visitor, site: Site) -> None:
    visitor.goto("/")
    for step in (lambda: visitor.goto("/exit"), lambda: visitor.goto("/"), visitor.sent):
        with at_once(), pytest.raises(CookieproofError, match=ENDED):
            step()
    site.restart()
    assert visitor.goto("/").status == 200


def test_an_answer_that_breaks_off_half_way(visitor: Visitor, site: Site) -> None:
    with at_once(), pytest.raises(CookieproofError, match=r"/breaks-off failed: (its answer broke off|NS_\w+)"):
        visitor.goto("/breaks-off")
    with at_once(), pytest.raises(CookieproofError, match=r"ended with exit code 3 while it answered GET /half\."):
        visitor.goto("/half")


def test_one_that_is_killed_between_two_requests(visitor: Visitor, site: Site) -> None:
    visitor.goto("/later")
    wait_until(lambda: site.death, "the site to be killed", 30)
    with at_once(), pytest.raises(CookieproofError, match=r"The site's process ended by SIGKILL\. Mend what it said"):
        visitor.goto("/")
    site.restart()


def test_a_death_that_no_step_has_met_is_told_by_the_restart(visitor: Visitor, site: Site) -> None:
    visitor.goto("/later")
    wait_until(lambda: site.death, "the site to be killed", 30)
    with pytest.raises(CookieproofError, match="The site's process ended by SIGKILL"):
        site.restart()
    site.restart()
    assert visitor.goto("/").ok


DIES = """
import pytest

def test_it_is_visited(visitor):
    visitor.goto("/exit")

def test_the_next_gets_a_fresh_site(visitor):
    assert visitor.goto("/").ok

def test_it_dies_unseen(visitor):
    visitor.goto("/")
    visitor.page.evaluate("fetch('/exit').catch(() => 0)")

def test_a_page_of_playwrights_own(page):
    page.goto("/exit")

@pytest.fixture
def opened(visitor):
    visitor.goto("/")
    return visitor

@pytest.mark.timeout(6, func_only=True)  # not of the browser's start, which takes its time on a busy machine
def test_that_waits_for_ever(opened):
    opened.page.evaluate("new Promise(() => 0)")

def test_the_next_again(page, visitor, pytestconfig):
    assert page.goto("/").ok
    assert visitor.goto("/").ok
    assert pytestconfig.option.timeout == 120
"""


def test_whatever_a_test_waits_for_the_next_begins_afresh(project: Project, request: pytest.FixtureRequest) -> None:
    project.test(DIES)
    app = request.path.parents[1] / "apps" / "out_of_order.py"
    result = project.run("--site", f"{app}:create_app")
    code, output = result
    result.assert_outcomes(failed=2, passed=4, errors=2)
    assert output.count("The site's process ended with exit code 3 while it answered GET /exit.") >= 4
    assert "Timeout (>6.0s) from pytest-timeout" in output
    assert "contextlib.py" not in output
    assert code == 1
    assert project.left_behind() == []


# --- a page that never answers


BUSY = r"The page http://localhost:\d+/busy does not answer: for 5 s its script has kept it busy, or a dialog has\."


@pytest.mark.every_engine
def test_a_page_that_never_answers_is_named(visitor: Visitor) -> None:
    visitor.goto("/busy")
    wait_until(lambda: any(each.path == "/is-busy" for each in visitor.wire), "the page to be busy", 30)
    with at_once(ANSWER_SECONDS + 10), pytest.raises(CookieproofError, match=BUSY):
        expect_cookie(visitor, "seen").to_be_sent()
    visitor.page.close()
    visitor.goto("/")
    expect_cookie(visitor, "seen").to_be_sent()


def test_a_page_that_has_crashed_keeps_nobody_waiting(visitor: Visitor) -> None:
    visitor.goto("/")
    with pytest.raises(Error):
        visitor.page.goto("chrome://crash")
    with at_once(ANSWER_SECONDS + 10):
        expect_cookie(visitor, "seen").to_be_sent()
    with pytest.raises(
        CookieproofError, match=r'"http://\[bad" is no URL \(Invalid IPv6 URL\): give a path of the site'
    ):
        visitor.goto("http://[bad")


# --- a visit that shows no page


@pytest.mark.every_engine
def test_a_visit_without_a_page_returns_and_one_that_fails_says_what_happened(visitor: Visitor) -> None:
    visitor.goto("/")
    home = visitor.page.url
    assert visitor.goto("/nothing").status == 204
    assert visitor.goto("/download").headers["content-disposition"] == "attachment; filename=a.txt"
    assert visitor.page.url == home
    expect_cookie(visitor, "downloaded").to_be_sent()
    with pytest.raises(CookieproofError, match=r"The visit to http://localhost:1/ failed: \S+"):
        visitor.goto("http://localhost:1/")
    page = visitor.page
    page.once("request", lambda request: page.close())
    with pytest.raises(CookieproofError, match=r"The page was closed while it visited http://localhost:\d+/slow\."):
        visitor.goto("/slow")
    assert visitor.goto("/").ok
