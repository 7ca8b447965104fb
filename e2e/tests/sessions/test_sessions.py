"""A session ends with the browser, unless the visitor asked to stay signed in"""

import pytest
from playwright.sync_api import Page, expect

from cookieproof import Clock, Site, Visitor, expect_cookie
from tests.support.shop import cart, press, sign_in, sign_out, who


def test_who_is_signed_in_and_their_cart_end_with_the_browser_unless_they_are_kept(visitor: Visitor) -> None:
    hosts = {visitor.site.at("once.localhost"): False, visitor.site.at("kept.localhost"): True}
    for host, keep in hosts.items():
        sign_in(visitor.page, "Ada", keep=keep, at=host)
        press(visitor.page, "Add cheese", at=host)
        assert who(visitor.page, at=host) == "Ada"
        assert cart(visitor.page, at=host) == {"cheese": 1}
    visitor.restart()
    for host, keep in hosts.items():
        assert who(visitor.page, at=host) == ("Ada" if keep else None)
        assert cart(visitor.page, at=host) == ({"cheese": 1} if keep else {})


@pytest.mark.every_engine
def test_signing_out_stays_signed_out_after_back_and_restart(visitor: Visitor) -> None:
    sign_in(visitor.page, "Ada", keep=True)
    visitor.goto("/")
    expect(visitor.page.get_by_text("You are signed in as Ada")).to_be_visible()
    sign_out(visitor.page)
    expect_cookie(visitor, "session").to_be_deleted()
    go_back_to(visitor, "/")
    visitor.restart()
    expect_cookie(visitor, "session").not_to_be_sent()
    assert who(visitor.page) is None


@pytest.mark.every_engine
def test_after_signing_out_back_shows_nothing_of_mine(visitor: Visitor) -> None:
    for host in ("memory.localhost", "disk.localhost"):
        at = visitor.site.at(host)
        sign_in(visitor.page, "Ada", at=at)
        visitor.goto("/", host=host)
        expect(visitor.page.get_by_text("You are signed in as Ada")).to_be_visible()
        if host == "disk.localhost":  # no page that listens for this is kept in memory
            visitor.page.evaluate("addEventListener('unload', () => {})")
        sign_out(visitor.page, at=at)
        go_back_to(visitor, "/")


@pytest.mark.every_engine
def test_after_the_session_has_ended_back_shows_nothing_of_mine(visitor: Visitor, clock: Clock) -> None:
    """It ends on the server, and no cookie of the browser changes."""
    sign_in(visitor.page, "Ada")
    visitor.goto("/get_cookie")
    clock.advance(hours=2)
    go_back_to(visitor, "/whoami")


def go_back_to(visitor: Visitor, path: str) -> None:
    """Go back to this path. No page on the way shows anything of Ada's."""
    while True:
        there = visitor.back()
        assert "Ada" not in there.text, f"Back shows a page of Ada's, from {there}: {there.url}"
        if there.url == visitor.url + path:
            assert "Nobody is signed in" in there.text
            return


def test_one_value_leaves_the_session_and_the_rest_stays(page: Page) -> None:
    sign_in(page, "Ada")
    press(page, "Add apples")
    sign_out(page, "Sign out, keep the cart")  # session.pop("username", None)
    assert who(page) is None
    assert cart(page) == {"apples": 1}


def test_signing_in_again_starts_an_empty_session(page: Page) -> None:
    sign_in(page, "Ada")
    press(page, "Add apples")
    sign_in(page, "Grace")
    assert who(page) == "Grace"
    assert cart(page) == {}


@pytest.mark.parametrize("button", ["Sign out", "Sign out, keep the cart"])
def test_a_page_left_open_may_sign_out_whom_another_has_signed_out(page: Page, site: Site, button: str) -> None:
    sign_in(page, "Ada")
    left_open = page.context.new_page()
    left_open.goto("/whoami")
    sign_out(page, "Sign out, keep the cart")  # the session lives on, its "username" does not
    left_open.get_by_role("button", name=button, exact=True).click()
    expect(left_open.get_by_text("Nobody is signed in")).to_be_visible()
    assert '" 500 ' not in site.log


def test_a_page_left_open_cannot_sign_out_a_session_that_is_gone(page: Page, site: Site) -> None:
    sign_in(page, "Ada")
    left_open = page.context.new_page()
    left_open.goto("/whoami")
    sign_out(page)
    with left_open.expect_navigation() as answer:
        left_open.get_by_role("button", name="Sign out", exact=True).click()
    # Refused politely: the form belonged to the session that ended.
    assert answer.value.status == 400
    expect(left_open.get_by_text("Nothing was changed")).to_be_visible()
    assert who(page) is None
    assert '" 500 ' not in site.log


def test_a_name_that_cannot_be_one_signs_nobody_in(page: Page) -> None:
    for name in ("", " ", "x" * 81):
        page.goto("/sign_in")
        page.evaluate("document.querySelector('form').noValidate = true")
        page.evaluate("name => document.getElementById('username').value = name", name)
        with page.expect_navigation() as answer:
            page.get_by_role("button", name="Sign in").click()
        assert answer.value.status == 422
        assert who(page) is None


@pytest.mark.site("../apps/article.py:create_app")
def test_the_articles_pages_break_once_the_browser_was_closed(visitor: Visitor) -> None:
    visitor.goto("/set_session")
    assert visitor.goto("/get_session").status == 200
    visitor.restart()
    expect_cookie(visitor, "session").not_to_be_sent()
    for path in ("/get_session", "/del_session", "/get_cookie"):
        assert visitor.goto(path).status == 500
