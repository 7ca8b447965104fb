"""A site that somebody else runs is seen by the visitor's proxy: visited only by the test, and never restarted"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

import pytest

from cookieproof.harness import Harness
from cookieproof.site.certificate import Certificate
from cookieproof.site.site_spec import SiteSpec
from selftests.support.command import SECONDS, Commands
from selftests.support.project import Project

APP = """
from datetime import timedelta
from flask import Flask, make_response, request, session

def create_app():
    app = Flask(__name__)
    app.secret_key = "a key for the tests, and for nothing else"
    app.permanent_session_lifetime = timedelta(days=7)
    visits = []

    @app.get("/")
    def home():
        visits.append(request.path)
        return f"Signed in as {session['name']}" if "name" in session else "nobody"

    @app.get("/sign-in")
    def sign_in():
        visits.append(request.path)
        session["name"], session.permanent = "Ada", "keep" in request.args
        return "Signed in as Ada"

    @app.get("/sign-out")
    def sign_out():
        session.clear()
        return "signed out"

    @app.get("/visits")
    def told():
        return [visits, dict(request.headers)]

    return app
"""
CHECKS = """
import re
from datetime import timedelta
import pytest
from cookieproof import WITH_THE_BROWSER, CookieproofError, Lifetime, expect_cookie, prove_lifetimes

def test_the_browser_is_judged_and_the_site_is_visited_only_by_the_test(visitor, site, clock):
    visitor.goto("/sign-in?keep")
    expect_cookie(visitor, "session").to_be_sent()
    expect_cookie(visitor, "session").to_expire_in(timedelta(days=7))
    visitor.restart()
    assert visitor.sent().keys() == {"session"}
    assert [(each.visitor, each.life, each.path, each.status) for each in visitor.wire] == [(1, 1, "/sign-in", 200)]
    visits, headers = visitor.goto("/visits").json()
    assert visits == ["/sign-in"]
    assert "cookieproof" not in str(headers) and not any(name.startswith("X-Forwarded") for name in headers)
    clock.skew(browser=timedelta(days=8))
    expect_cookie(visitor, "session").not_to_be_sent()
    with pytest.raises(CookieproofError, match="runs elsewhere, on a clock of its own"):
        clock.advance(days=1)
    with pytest.raises(CookieproofError, match="runs elsewhere, on a clock of its own"):
        clock.advance(minutes=1, awake=True)

def test_nothing_else_is_reached(visitor):
    visitor.goto("/")
    visitor.page.goto("http://other.example/")
    assert "Nobody named other.example" in visitor.page.content()

def test_what_it_cannot(site):
    for cannot in (site.restart, lambda: site.log, lambda: site.at("shop.localhost"), lambda: site.https):
        with pytest.raises(CookieproofError, match="runs elsewhere and cannot"):
            cannot()

test_lifetimes = prove_lifetimes([
    Lifetime("session", set_by="/sign-in", lasts=WITH_THE_BROWSER, shows="Signed in as Ada", deleted_by="/sign-out"),
    Lifetime("session", set_by="/sign-in?keep", lasts=WITH_THE_BROWSER),
    Lifetime("session", set_by="/sign-in?keep", lasts=timedelta(days=7)),
])
"""


def test_what_can_be_proven_there_is_proven(project: Project, a_command: Commands) -> None:
    (project.folder / "app.py").write_text(APP)
    project.test(CHECKS)
    theirs = a_command("flask --app app run --port {port}", cwd=project.folder, url="/visits")
    theirs.ensure_as_configured()
    result = project.run("--base-url", f"http://localhost:{theirs.port}")
    # The second lifetime is not what the site does; of the third its clock would be needed.
    result.assert_outcomes(passed=4, failed=2)
    assert f"\nhttp://localhost:{theirs.port} runs elsewhere, on a clock of its own: " in result.output  # no traceback
    assert (
        "which ends in the browser, as a Max-Age does. Move its clock only, by clock.skew(browser=…)." in result.output
    )
    assert "is still sent after the browser was closed" in result.output
    assert "other.example was not reached: name it in hosts of web_server if it is the site, else in allow_hosts" in (
        result.output
    )


@pytest.fixture
def over_tls(tmp_path: Path) -> Iterator[int]:
    """The port of a site over TLS, whose certificate nobody trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Certificate(tmp_path).file)
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("ignores", [False, True])
def test_their_certificate_is_verified_unless_any_is_accepted(_worker: Harness, over_tls: int, ignores: bool) -> None:
    url = f"https://localhost:{over_tls}"
    site = _worker.site(SiteSpec(Path.cwd(), options={"base_url": url}, ignore_https_errors=ignores))
    proxy = ProxyHandler({"https": f"http://127.0.0.1:{site.proxy(1, 1)}"})
    trusting = HTTPSHandler(context=ssl._create_unverified_context())
    browser = build_opener(proxy, trusting)
    if ignores:
        with browser.open(url, timeout=SECONDS) as answer:
            assert answer.status == 200
    else:
        with pytest.raises(HTTPError, match="502"):
            browser.open(url, timeout=SECONDS)
    said = site.tell_failure()
    site.end()
    assert ("Its certificate is not to be trusted: " in said) is not ignores


def test_playwright_config_py_may_name_it(project: Project, site_elsewhere: str) -> None:
    (project.folder / "playwright.config.py").write_text(f"base_url = {site_elsewhere!r}")
    project.test(
        """
import pytest
from datetime import timedelta
from cookieproof import Lifetime, WITH_THE_BROWSER, prove_lifetimes

def test_visit(visitor, clock):
    visitor.goto("/set/a")
    visitor.goto("/set/aged?age=60&path=/set")
    visitor.goto("/set/gone?age=0")
    expect_cookie(visitor, "a").to_be_sent(value="1")
    expect_cookie(visitor, "a").to_end_with_the_browser()
    expect_cookie(visitor, "aged", path="/set").to_expire_in(timedelta(minutes=1))
    expect_cookie(visitor, "never").never_to_be_set()
    with pytest.raises(AssertionError, match="was never set in this browser"):
        expect_cookie(visitor, "A").not_to_be_sent()
    assert visitor.sent_pairs("/set/") == [("aged", "1"), ("a", "1")]
    assert [(each.method, each.path, each.status) for each in visitor.wire][0] == ("GET", "/set/a", 200)
    visitor.restart()
    expect_cookie(visitor, "a").not_to_be_sent()
    expect_cookie(visitor, "aged", path="/set").to_be_sent()
    clock.skew(browser=timedelta(minutes=2))
    expect_cookie(visitor, "aged", path="/set").not_to_be_sent()

def test_page(page):
    assert page.goto("/set/a").ok

def test_restart(site):
    site.restart()

def test_clock(clock):
    clock.advance(days=1)

LASTS = [WITH_THE_BROWSER, timedelta(days=1)]
test_lifetimes = prove_lifetimes([Lifetime("a", set_by="/set/a", lasts=each) for each in LASTS])
"""
    )
    result = project.run()
    output = result.output
    result.assert_outcomes(failed=3, passed=3)
    # Of the lifetime that is not proven, without a traceback: no line of the test's file says it.
    assert f"\n{site_elsewhere} runs elsewhere, on a clock" in output, output
    assert "runs elsewhere, on a clock of its own: of what takes time only that is proven there " in output
    says = f"{site_elsewhere} runs elsewhere and cannot be restarted from here: let the harness serve the site, by "
    assert says + "--site or --site-command." in output
    assert f"{site_elsewhere} runs elsewhere, on a clock of its own" in output
