"""A site that has everybody come over https is followed there, at whichever port it names"""

import shutil
from pathlib import Path

import pytest

from cookieproof import Site, Visitor, expect_cookie
from cookieproof.cookies.exchange import lines
from selftests.support.project import Project

APP = Path(__file__).parents[1] / "apps" / "https_only.py"


@pytest.mark.whole_browser
@pytest.mark.site("../apps/https_only.py:create_app")
def test_a_visitor_is_led_to_https_and_stays_there(visitor: Visitor, site: Site) -> None:
    for host, status, names_a_port in (("localhost", 302, True), ("shop.test", 308, False)):
        site.restart(STATUS=status, NAMES_A_PORT=names_a_port)
        plain = site.at(host)
        secure = site.https.at(host) if names_a_port else f"https://{host}"
        assert visitor.goto("/", host=host).url == f"{secure}/"
        asked, answered = visitor.wire[-2:]
        assert (asked.scheme, asked.status, answered.scheme, answered.status) == ("http", status, "https", 200)
        assert f"    Location: {secure}/\n" in lines(visitor.wire)
        assert visitor.sent() == {}

        visitor.page.get_by_role("button", name="Sign in").click()
        visitor.page.get_by_text("signed in by POST").wait_for()
        expect_cookie(visitor, "session").to_be_sent()  # Secure, and so under shop.test only over https
        count = len(visitor.wire)
        assert "Ada" in visitor.goto("/").text()
        assert [exchange.scheme for exchange in visitor.wire[count:]] == ["https"]

        # A browser that was told by Strict-Transport-Security asks so, as Chromium now does for shop.test.
        there = site.https.at(host)
        for url in (plain, there):
            assert visitor.goto(f"{url}/?a=b").url in (f"{secure}/?a=b", f"{there}/?a=b")
        expect_cookie(visitor, "session").to_be_sent()

    # The harness's own pages are led there too, though they are asked for over http.
    visitor.leave()
    visitor.restart()
    visitor.move_to("shop.test")
    assert visitor.sent().keys() == {"session"}


# The function's name is that of a fixture, which the printed file has too.
SIGNING = """
def site(visitor):
    visitor.goto("/")
    visitor.page.get_by_role("button").click()
    visitor.page.get_by_text("signed in by POST").wait_for()
"""
DECLARED = """
from cookieproof import Lifetime, prove_lifetimes
from signing import site as signing_in

test_lifetimes = prove_lifetimes(
    [
        Lifetime("session", set_by="/sign_in", lasts=timedelta(days=7), deleted_by="/sign_out"),
        Lifetime("session", set_by=signing_in, lasts=timedelta(days=7), deleted_by="/sign_out", shows="Ada"),
    ]
)


def test_a_restart_of_the_site_signs_nobody_out(visitor, site):
    signing_in(visitor)
    site.restart()
"""


@pytest.mark.timeout(300)  # it takes a minute where nothing else runs
def test_discover_prints_the_file_and_names_what_cannot_be_visited(project: Project) -> None:
    shutil.copy(APP, project.folder)
    (project.folder / "signing.py").write_text(SIGNING)
    visits = ("--visit", "/", "/away", "/sign_in", "/sign_out", "--sign-in", "signing.py:site")
    code, printed = project.command("cookieproof", "discover", "https_only:create_app", *visits)
    assert code == 0, printed
    assert DECLARED in printed
    warning = "/away cannot be visited: net::ERR_UNSAFE_PORT (it redirects to https://localhost:9/)."
    assert f"# Warning: {warning}\n" in printed
    assert (
        "Warning: who came by signing_in is still signed in after the browser was closed and opened again, by"
        in printed
    )
    assert printed.count("Warning") == 2
    (project.folder / "test_it.py").write_text(printed)
    project.run("--site", "https_only:create_app", "-k", "restart").assert_outcomes(passed=1, deselected=2)
    code, said = project.command("cookieproof", "discover", "https_only:create_app", "--visit", "/away")
    assert code == 1
    assert said.startswith(f"No cookie is set by /away. {warning} Not visited, since not named")
    assert "Traceback" not in said


HTTPS = """
from datetime import timedelta
import pytest
from cookieproof import Lifetime, prove_lifetimes

def test_all_is_https(visitor, page, site):
    assert visitor.url == site.url == site.at("localhost") == site.https.url
    assert site.at("localhost", https=False).startswith("http:")
    visitor.goto("/sign_in", host="shop.test")
    expect_cookie(visitor, "session").to_be_sent()
    page.goto("/sign_in")
    assert page.url == f"{site.url}/sign_in"
    assert [(each.scheme, each.path) for each in site.wire] == [("https", "/sign_in")] * 2

@pytest.mark.site("app:create_app")
def test_whichever_app(site):
    assert site.url.startswith("https:")

test_lifetimes = prove_lifetimes(
    [Lifetime("session", set_by="/sign_in", lasts=timedelta(days=7), deleted_by="/sign_out")]
)
"""


def test_https_can_be_the_default_origin(project: Project) -> None:
    shutil.copy(APP, project.folder)
    (project.folder / "playwright.config.py").write_text('web_server = {"https": True}\n')
    project.test(HTTPS)
    result = project.run("--site", "https_only:create_app")
    assert result.code == 0, result.output
    result.assert_outcomes(passed=3)
