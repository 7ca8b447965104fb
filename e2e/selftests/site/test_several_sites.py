"""A site beside the first is visited, recorded, moved along the clock and ended as the first is"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from cookieproof import Clock, CookieproofError, Site, Visitor, expect_cookie
from cookieproof.cookies.timeline import MOVED
from cookieproof.errors import wait_until
from cookieproof.harness import Harness
from cookieproof.plugin.stash import SETTINGS
from cookieproof.site import kinds
from cookieproof.site.several_sites import SeveralSites
from cookieproof.site.site_spec import SiteMarker, SiteSpec
from selftests.support.command import PYTHON, SECONDS, SITE

APPS = "e2e/selftests/apps/sign_in_elsewhere.py"
SHOP, PROVIDER = "https://www.shop.example", "https://idp.example"
SITES: dict[str, Any] = {"idp.example": {"app": f"{APPS}:provider", "hosts": ["login.example"]}}
pytestmark = pytest.mark.site("../apps/sign_in_elsewhere.py:shop", hosts=["www.shop.example"])


@pytest.fixture(autouse=True)
def _configured(request: pytest.FixtureRequest) -> Iterator[None]:
    """What playwright.config.py says for these tests: ``sites`` of the marker, ``SITES`` without one."""
    config, marker = request.config, request.node.get_closest_marker("parametrize")
    before = config.stash[SETTINGS]
    config.stash[SETTINGS] = replace(before, sites=SITES if not marker else before.sites)
    yield
    config.stash[SETTINGS] = before


def sign_in(visitor: Visitor) -> None:
    visitor.goto(f"{SHOP}/sign-in")
    visitor.page.fill("[name=name]", "Ada")
    visitor.page.click("button")
    visitor.page.wait_for_url(f"{SHOP}/")


def test_a_sign_in_over_an_identity_provider(visitor: Visitor, site: Site, clock: Clock) -> None:
    sign_in(visitor)
    assert visitor.page.text_content("body") == "Signed in as Ada"
    expect_cookie(visitor, "shop").to_end_with_the_browser()
    visits = [(each.method, each.host, each.path, each.status) for each in visitor.wire]
    assert visits == [
        ("GET", "www.shop.example", "/sign-in", 302),
        ("GET", "idp.example", "/authorize", 200),
        ("POST", "idp.example", "/authorize", 302),
        ("GET", "www.shop.example", "/signed-in", 302),
        ("GET", "www.shop.example", "/", 200),
    ]
    assert (len(site.wire), len(site.sites["idp.example"].wire)) == (5, 2)

    visitor.restart()  # which ends the session of the shop, and not the provider's
    site.sites["idp.example"].restart(env={"GREETING": "Who is it?"})
    clock.advance(minutes=59)
    visitor.goto(f"{SHOP}/")
    expect_cookie(visitor, "shop").not_to_be_sent()
    assert visitor.goto(f"{SHOP}/sign-in").text().endswith("Signed in as Ada")
    clock.advance(minutes=61)
    assert "Who is it?" in visitor.goto(f"{SHOP}/sign-in").text()
    visitor.goto(f"{PROVIDER}/authorize")
    expect_cookie(visitor, "idp").not_to_be_sent()
    assert "--- idp.example ---\n" in site.told_log and "known: Ada" in site.told_log
    assert "known: Ada" not in site.log
    assert ("site restarted", "idp.example GREETING") in [(each.what, each.detail) for each in site.events]


def test_a_frame_of_another_site_has_a_partition_of_its_own(visitor: Visitor, site: Site, clock: Clock) -> None:
    visitor.goto(f"{SHOP}/framed")
    frame = visitor.page.frames[1]
    framed = expect_cookie(visitor, "framed", frame=frame)
    framed.to_be_sent(value="1")
    framed.to_expire_in(timedelta(hours=1))
    with pytest.raises(AssertionError) as failure:
        framed.to_be_sent(value="2")
    assert "seen from idp.example/, in a frame of www.shop.example:" in str(failure.value)
    if visitor.engine.reports_partitions:
        assert "for idp.example/ in frames of shop.example, until" in str(failure.value)
    visitor.goto(f"{PROVIDER}/authorize")
    assert visitor.sent() == {}
    clock.advance(hours=1, seconds=30)
    visitor.goto(f"{SHOP}/framed")
    assert [each.cookies.get("framed") for each in visitor.wire if each.path == "/frame"] == [None, None]


def test_the_clock_waits_for_what_it_is_answering(site: Site, clock: Clock) -> None:
    other, before = site.sites["idp.example"], clock.now()
    with ThreadPoolExecutor() as pool:
        # A browser that is no visitor's asks: nothing but the recorder knows of it.
        asking = pool.submit(urlopen, f"{other.at('localhost')}/slow", timeout=SECONDS)
        wait_until(other.recording.in_flight, "the request to reach it", SECONDS)
        clock.advance(hours=1)
        with asking.result() as answer:
            answered = float(answer.read())
    assert answered - before.timestamp() < 3600


def test_its_end_is_said_with_its_name(visitor: Visitor, site: Site) -> None:
    visitor.goto(f"{SHOP}/")
    sentence = r"The site idp\.example's process ended with exit code 3 while it answered GET /end\. "
    with pytest.raises(CookieproofError, match=sentence):
        visitor.goto(f"{PROVIDER}/end")
    with pytest.raises(CookieproofError, match="^" + sentence):
        visitor.sent()
    assert site.death and site.death_is_told
    site.sites["idp.example"].restart()
    assert not site.death
    assert visitor.goto("/authorize", host="login.example").ok


@pytest.fixture
def told(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """What ``sites`` says of a command that answers as ``SITE`` does."""
    (tmp_path / "site.py").write_text(SITE)
    return {"command": request.param, "cwd": str(tmp_path)}


@pytest.fixture
def both(told: dict[str, Any], _worker: Harness) -> Iterator[Site]:
    """The shop, and beside it what ``told`` says, at other.example."""
    site = _worker.site(SiteSpec(Path.cwd(), {"app": f"{APPS}:shop"}, sites={"other.example": told}))
    yield site
    site.end()
    _worker.sites.stop()


@pytest.mark.parametrize("told", [f"env -i {PYTHON} site.py {{port}}; true"], indirect=True)
def test_the_clock_checks_its_processes(both: Site) -> None:
    with pytest.raises(CookieproofError, match=r"^The clock of the site other\.example cannot be moved: python"):
        both.check_clock(("site", "browser"))
    both.check_clock(("browser",))


@pytest.mark.parametrize("told", [f"{PYTHON} site.py {{port}}"], indirect=True)
def test_a_browser_that_is_no_visitors_has_it_at_a_port(both: Site) -> None:
    other = both.sites["other.example"]
    assert (both.at("other.example"), other.url) == ("http://other.example",) * 2
    assert both.at("other.example", https=True) == other.https.url == "https://other.example"
    with urlopen(other.at("localhost"), timeout=SECONDS) as answer:
        assert answer.status == 200
    assert [(each.host, each.visitor) for each in both.wire] == [("localhost", None)]
    with pytest.raises(CookieproofError, match=r"^The site is not to be had as third\.example: "):
        both.at("third.example")


def ask(url: str) -> None:
    with contextlib.suppress(HTTPError), urlopen(url, timeout=SECONDS) as answer:
        answer.read()


@pytest.mark.site("../apps/sign_in_elsewhere.py:shop", hosts=["www.shop.example"], TRUSTED_HOSTS=["www.shop.example"])
def test_what_is_asked_of_both_and_what_of_the_first(site: Site, clock: Clock) -> None:
    other = site.sites["idp.example"]
    for url in (site.at("localhost"), f"{other.at('localhost')}/authorize", site.at("127.0.0.1")):
        ask(url)
    assert [each.host for each in site.wire] == ["localhost", "localhost", "127.0.0.1"]
    assert [each.path for each in site.wire] == ["/", "/authorize", "/"]
    urls = (f"{PROVIDER}/authorize?a=1", f"{SHOP}/sign-in", "https://third.example/")
    assert [site.origin_of(url) for url in urls] == [PROVIDER, SHOP, None]
    hosts = ("idp.example", "login.example", "www.shop.example", "third.example")
    assert [site.has_host(host) for host in hosts] == [True, True, True, False]
    assert site.https.at("login.example") == "https://login.example"
    site.check_host("idp.example")
    with pytest.raises(CookieproofError, match=r"^The app answers only to www\.shop\.example"):
        site.check_host("localhost")

    clock.advance(hours=1)
    site.note("said", "by the test", 7)
    assert site.app_info.session_cookie == "shop" and site.can_restart
    site.restart(SESSION_COOKIE_NAME="another")
    assert site.app_info.session_cookie == "another"
    assert "GET / HTTP/1.1" in site.log and site.told_log.startswith(f"{site.log}\n--- idp.example ---\n")
    other.restart()
    told = [(each.what, each.detail, each.visitor) for each in site.events]
    assert told == [
        (MOVED, "+1:00:00", None),
        ("said", "by the test", 7),
        ("site restarted", "SESSION_COOKIE_NAME", None),
        ("site restarted", "idp.example", None),
    ]


def test_the_end_of_either_is_told_by_a_site_of_both(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    other = site.sites["idp.example"]
    ask(f"{other.at('localhost')}/end")
    assert site.tell_failure().startswith(
        "GET /end is answered with 502 by the recorder: The site idp.example's process"
    )
    assert site.tell_failure() == ""
    ended = "The site idp.example's process ended with exit code 3 while it answered GET /end. "
    assert [each.startswith(ended) for each in (site.death, site.await_death())] == [True, True]
    assert not site.death_is_told
    assert site.tell_death().startswith(ended)
    assert site.death_is_told
    other.restart()
    assert (site.death, site.tell_death(awaited=True)) == ("", "")
    # A browser may notice the end before the harness does.
    monkeypatch.setattr(other, "await_death", lambda: "It has ended.")
    assert (site.tell_death(), site.tell_death(awaited=True)) == ("", "It has ended.")


def test_the_ends_of_both_are_told_by_a_site_of_both(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(site, SeveralSites)
    for each, sentence in ((site._first, "The one."), (site.sites["idp.example"], "The other.")):
        monkeypatch.setattr(each, "tell_death", lambda *, awaited=False, sentence=sentence: sentence)
    assert site.tell_death() == "The one.\nThe other."


def test_the_end_of_a_test_closes_the_ports_of_each_and_leads_nowhere(site: Site) -> None:
    other = site.sites["idp.example"]
    ports = [each.proxy(1, 1) for each in (site, other)]
    assert site.recording.of("idp.example", 443) is other.recording
    site.end()
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), SECONDS)
    assert site.recording.of("idp.example", 443) is site.recording


def test_a_first_site_without_a_log_leaves_the_others(site: Site, _worker: Harness) -> None:
    ask(f"{site.sites['idp.example'].at('localhost')}/authorize")
    remote = {"base_url": site.url}
    both = _worker.site(SiteSpec(Path.cwd(), options=remote, sites={"idp.example": SITES["idp.example"]}))
    assert both.has_log
    assert both.told_log.startswith("\n--- idp.example ---\n")
    both.end()


OPENS = "import socket, time; s = socket.create_server(('0.0.0.0', 0)); print('listens', flush=True); time.sleep(60)"


@pytest.mark.parametrize(
    "told",
    [f'{PYTHON} site.py {{port}} & mkfifo go; read _ < go; {PYTHON} -c "{OPENS}"'],
    indirect=True,
)
def test_what_opens_a_port_to_others_later_is_found_and_ended(both: Site, tmp_path: Path) -> None:
    other = both.sites["other.example"]
    assert both.tell_exposed() == ""
    (tmp_path / "go").write_text("\n")  # once somebody reads from the pipe
    wait_until(lambda: "listens" in other.log, "it to listen", SECONDS)
    sentence = r"^The process of the site other\.example has come to listen on 0\.0\.0\.0:\d+, where other machines "
    with pytest.raises(CookieproofError, match=sentence):
        both.check_clock(("browser",))
    with pytest.raises(OSError):
        urlopen(other.at("localhost"), timeout=SECONDS)
    assert both.tell_exposed() == ""


def test_the_marker_gives_an_app_an_environment_and_a_set_up(_worker: Harness) -> None:
    said = {"env": {"GREETING": "Who is it?"}, "setup": "echo $GREETING > {tmp}/said", "TESTING": True}
    marker = SiteMarker(Path.cwd(), (f"{APPS}:provider",), said)
    site = _worker.site(SiteSpec(Path.cwd(), {"app": "nowhere", "env": {"GREETING": "Hello"}}, marker=marker))
    with urlopen(f"{site.url}/authorize", timeout=SECONDS) as answer:
        assert b"Who is it?" in answer.read()
    site.end()
    assert Path(_worker.sites.fill_in("{tmp}/said")).read_text() == "Who is it?\n"
    of_a_command = SiteMarker(Path.cwd(), (f"{APPS}:provider",), {"cwd": "."})
    with pytest.raises(CookieproofError, match=r"^@pytest\.mark\.site\(cwd=…\) is about a command, and the site"):
        kinds.check(SiteSpec(Path.cwd(), marker=of_a_command))


APP = {"app": f"{APPS}:provider"}
OWN = "but names of this machine and under test lead to the site of web_server. Name a host of its own, "


@pytest.mark.parametrize(
    ("sites", "says"),
    [
        ({"idp.example": {}}, 'sites[\'idp.example\'] names no site: give it "app" or "command", as web_server has'),
        ({"www.shop.example": APP}, "sites['www.shop.example'] is to be had as 'www.shop.example', but web_server has"),
        ({"idp.example": APP, "b.example": {**APP, "hosts": ["idp.example"]}}, "but sites['idp.example'] has it, too."),
        ({"idp.localhost": APP}, f"is to be had as 'idp.localhost', {OWN}"),
        ({"127.0.0.1": APP}, OWN),
        ({"shop.test": APP}, OWN),
        (
            {"*.example": APP},
            "but a site is visited at one name: write that, and the pattern in its hosts. Name a ",
        ),
        ({"https://idp.example": APP}, "is to be had as 'https://idp.example', but that is no host name. Name a host "),
        (
            {"idp.example:8080": APP},
            "is to be had as 'idp.example:8080', but that is no host name. Name a host of ",
        ),
        ({"idp.example": {**APP, "command": "x {port}"}}, "sites['idp.example'] names an app and a command: leave one"),
        ({"idp.example": {"app": "not/there.py"}}, 'sites[\'idp.example\'] names "not/there.py", but there is no "'),
    ],
)
def test_a_mistake_is_one_sentence(sites: dict[str, Any], says: str) -> None:
    with pytest.raises(CookieproofError) as failure:
        kinds.check(SiteSpec(Path.cwd(), {"app": f"{APPS}:shop", "hosts": ["www.shop.example"]}, sites=sites))
    assert str(failure.value).startswith("playwright.config.py: ") and says in str(failure.value)
