"""A visitor has a profile, and a browser that opens and really closes; what it sends is what the site receives"""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from playwright.sync_api import Page

from cookieproof import CookieproofError, NewVisitor, Site, Visitor, expect_cookie
from cookieproof.browser.chromium import CHROMIUM
from cookieproof.visitor.lives import Lives

pytestmark = pytest.mark.site("../apps/visits.py:create_app")


@pytest.mark.whole_browser
def test_closing_ends_the_process_and_opening_starts_another(visitor: Visitor) -> None:
    visitor.goto("/")
    first = visitor.lives.pid
    assert first
    visitor.close()
    assert not psutil.pid_exists(first) or psutil.Process(first).status() == psutil.STATUS_ZOMBIE
    visitor.open()
    visitor.goto("/")
    assert visitor.lives.pid not in (None, first)
    assert [(exchange.life, exchange.path) for exchange in visitor.wire] == [(1, "/"), (2, "/")]


def test_a_closed_visitor_says_what_to_do(visitor: Visitor) -> None:
    visitor.goto("/script")
    with pytest.raises(CookieproofError, match="is open already"):
        visitor.open()
    with pytest.raises(CookieproofError, match=r"call visitor.close\(\) first"):
        _ = visitor.on_disk
    visitor.close()
    for use in (
        lambda: visitor.goto("/"),
        lambda: visitor.page,
        lambda: visitor.sent(),
        lambda: visitor.stored,
        visitor.close,
        visitor.crash,
        lambda: expect_cookie(visitor, "by_script").to_be_sent(),
    ):
        with pytest.raises(CookieproofError, match=r"browser is closed: open it with visitor.open\(\)"):
            use()
    assert visitor.on_disk["by_script"].value is None  # the disk tells no values


def test_an_ending_or_a_beginning_that_is_none_names_those_that_are(visitor: Visitor, new_visitor: NewVisitor) -> None:
    endings = 'how="kill": choose one of "quit", "last-window", "sigint", "sigterm"'
    with pytest.raises(CookieproofError, match=endings):
        visitor.close(how="kill")  # type: ignore[arg-type]
    with pytest.raises(CookieproofError, match='restored by "always": choose True, "setting" or "flag"'):
        new_visitor(restores_session="always")


@pytest.mark.whole_browser
def test_a_crash_kills_the_browser_and_it_opens_again(visitor: Visitor) -> None:
    visitor.goto("/set/a")
    pid = visitor.lives.pid
    visitor.crash()
    assert visitor.lives.pid is None
    assert pid and not (psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    visitor.open()
    assert visitor.goto("/").status == 200
    expect_cookie(visitor, "a").not_to_be_sent()


def test_the_probe_runs_no_route_and_leaves_the_page_where_it_was(visitor: Visitor, site: Site) -> None:
    visitor.goto("/session")
    expires, exchanges = visitor.stored["session"].expires, len(site.wire)
    for path in ("/", "/session"):
        assert visitor.sent(path).keys() == {"session"}
    assert len(site.wire) == exchanges
    assert visitor.stored["session"].expires == expires
    assert visitor.page.url == site.at("localhost") + "/session"
    assert visitor.page.inner_text("body") == "1"
    assert "probe" not in site.log.lower()


@pytest.mark.every_engine
def test_the_probe_sends_what_the_path_gets_in_the_browsers_order(visitor: Visitor) -> None:
    for address in ("/set/a?value=root", "/set/a?value=deep&path=/deep", '/set/b?value=x"%20y;ü'):
        visitor.goto(address)
    assert visitor.sent() == {"a": "root", "b": 'x" y;ü'}
    assert visitor.sent("/deep/er") == {"a": "deep", "b": 'x" y;ü'}
    assert visitor.sent_pairs("/deep") == [("a", "deep"), ("a", "root"), ("b", 'x" y;ü')]
    assert {(cookie.name, cookie.path) for cookie in visitor.stored_list} == {("a", "/"), ("a", "/deep"), ("b", "/")}
    with pytest.raises(CookieproofError, match='"/deep" instead of "deep"'):
        visitor.sent("deep")
    visitor.goto("/strict")  # the strictest Content-Security-Policy
    assert visitor.sent()["strict"] == "1"


def test_a_host_stays_until_another_is_named(visitor: Visitor, site: Site) -> None:
    visitor.goto("/set/a", host="shop.localhost")
    visitor.goto("/set/b")
    assert visitor.page.url == site.at("shop.localhost") + "/set/b"
    assert visitor.sent().keys() == visitor.stored.keys() == {"a", "b"}
    visitor.goto("/", host="evil.localhost")
    assert visitor.sent() == {}
    visitor.goto(site.at("shop.test") + "/set/c")
    assert visitor.sent().keys() == {"c"}
    assert visitor.page.evaluate("isSecureContext") is False


def test_visitors_are_told_apart_on_the_wire(visitor: Visitor, new_visitor: NewVisitor, page: Page, site: Site) -> None:
    visitor.goto("/set/a")
    other = new_visitor()
    other.goto("/set/b")
    page.goto("/set/c")
    assert [exchange.path for exchange in visitor.wire] == ["/set/a"]
    assert [exchange.path for exchange in other.wire] == ["/set/b"]
    assert [exchange.visitor for exchange in site.wire] == [visitor.number, other.number, None]


def test_a_browser_that_two_blocks_keep_open_stays_open_until_the_outer_one_ends() -> None:
    launcher: Any = SimpleNamespace(engine=CHROMIUM)
    probe: Any = None
    lives = Lives(launcher, Path("nowhere"), probe, None, "ada", restores_session=False)
    with lives.kept_open("the outer"):
        with lives.kept_open("the inner"), pytest.raises(CookieproofError, match="the inner"):
            lives.check_may_end()
        with pytest.raises(CookieproofError, match="the outer"):
            lives.check_may_end()
    lives.check_may_end()
