"""A session on the server keeps what a session in the cookie promises, and more, wherever it is stored"""

import re
import secrets
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from cookieproof import Clock, Site, Visitor, expect_cookie
from cookieproof.errors import wait_until
from tests.support.sessions import accepted, give, the_session
from tests.support.shop import cart, press, sign_in, sign_out, who
from tests.support.stores import Database, Store

pytestmark = pytest.mark.usefixtures("store")  # first, since the site is configured by it
NEARLY = timedelta(seconds=5)


# --- what the cookie is


def test_an_id_is_the_shops_own_and_for_one_sign_in(page: Page, site: Site, store: Store) -> None:
    made_up = secrets.token_urlsafe(32)
    give(page.context, site, made_up)
    page.goto("/")
    expect(page.get_by_text("refused: this site has no session of this id")).to_be_visible()
    press(page, "Add apples")
    before = the_session(page, site.url)[1]
    assert before != made_up
    sign_in(page, "Ada")  # by which an id that somebody else may know (session fixation) is worth nothing
    session_id = the_session(page, site.url)[1]
    assert accepted(site, session_id)
    sign_out(page, "Sign out, keep the cart")
    after = the_session(page, site.url)[1]
    assert len({before, session_id, after}) == 3
    for other in (made_up, before, session_id):
        assert store.ends(other) is None
        assert not accepted(site, other)


def test_signing_out_deletes_the_record_and_with_it_every_copy(page: Page, site: Site, store: Store) -> None:
    sign_in(page, "Ada", keep=True)
    session_id = the_session(page, site.url)[1]
    assert store.ends(session_id)
    assert accepted(site, session_id)
    sign_out(page)
    assert store.ends(session_id) is None
    assert not accepted(site, session_id)


@pytest.mark.site("../apps/slow_page.py:create_app", DATABASE="{tmp}/shop.sqlite")
def test_a_page_on_its_way_during_the_sign_out_lets_nobody_in_again(page: Page, site: Site, store: Store) -> None:
    sign_in(page, "Ada", keep=True)
    session_id = the_session(page, site.url)[1]
    page.evaluate("void fetch('/slow')")
    wait_until(lambda: "a slow page has begun" in site.log, "the slow page to begin", 20)
    sign_out(page)
    assert store.ends(session_id) is None
    page.goto("/now")
    wait_until(lambda: store.ends(session_id), "the slow page to write the record anew, as Flask-Session does", 20)
    assert not accepted(site, session_id)


def test_the_cookie_holds_an_id_and_nothing_else_of_whatever_size(page: Page, site: Site) -> None:
    note = "".join(map(str, range(2000)))  # more than fits into a cookie
    page.goto("/cart/")
    page.get_by_label("A note for the shop").fill(note)
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_label("A note for the shop")).to_have_value(note)
    assert re.fullmatch(r"[\w-]{43}", the_session(page, site.url)[1])  # 32 random bytes in base64


# --- what becomes of it with its store


def test_an_emptied_store_puts_everyone_out_politely(page: Page, site: Site, store: Store) -> None:
    sign_in(page, "Ada", keep=True)
    press(page, "Add apples")
    store.empty()
    assert who(page) is None
    assert cart(page) == {}
    sign_in(page, "Ada")
    assert who(page) == "Ada"
    assert '" 500 ' not in site.log


def test_while_the_store_is_down_a_page_says_so_and_nobody_is_signed_out(page: Page, store: Store) -> None:
    sign_in(page, "Ada", keep=True)
    store.stop()
    try:
        answer = page.goto("/whoami")
        assert answer and answer.status == 503
        assert "retry-after" in answer.headers
        expect(page.get_by_role("heading")).to_have_text("One moment, please")
        assert "Traceback" not in page.content()
    finally:
        store.start()
    assert who(page) == "Ada"


@pytest.mark.parametrize("_store", ["sql"], indirect=True)
def test_while_the_store_takes_nothing_nobody_is_signed_out_either(page: Page, store: Database) -> None:
    sign_in(page, "Ada", keep=True)
    page.goto("/sign_in")
    page.get_by_label("Name", exact=True).fill("Grace")
    with store.refusing():
        with page.expect_navigation() as answer:
            page.get_by_role("button", name="Sign in").click()
        visit = page.goto("/whoami")
        assert visit and [answer.value.status, visit.status] == [503, 503]
    assert who(page) == "Ada"


# --- how long it lasts


def test_a_restart_with_another_key_logs_nobody_out(page: Page, site: Site) -> None:
    sign_in(page, "Ada")
    press(page, "Add apples")
    site.restart(SECRET_KEY="another")  # which signs no session here
    assert who(page) == "Ada"
    assert cart(page) == {"apples": 1}


def test_sessions_end_with_the_browser_or_7_days_after_the_last_visit(
    visitor: Visitor, clock: Clock, site: Site, store: Store
) -> None:
    page, at = visitor.page, {name: site.at(f"{name}.localhost") for name in ("nobody", "once", "kept", "copied")}
    press(page, "Add apples", at=at["nobody"])
    sign_in(page, "Ada", at=at["once"])
    sign_in(page, "Ada", keep=True, at=at["kept"])
    sign_in(page, "Ada", keep=True, at=at["copied"])
    visitor.restart()
    page = visitor.page
    assert cart(page, at=at["nobody"]) == {}
    assert who(page, at=at["once"]) is None
    for _ in range(2):
        clock.advance(days=6)
        assert who(page, at=at["kept"]) == "Ada"
        assert who(page, at=at["copied"]) == "Ada"

    visitor.move_to("kept.localhost")
    expect_cookie(visitor, "session").to_be_sent()  # a first probe takes its time, which an edge does not have
    cookie, copy = visitor.stored["session"], the_session(page, at["copied"])[1]
    record_ends = store.ends(cookie.value or "")
    assert cookie.expires and record_ends
    assert abs(cookie.expires - record_ends) < NEARLY
    clock.travel_to(cookie.expires - 2 * NEARLY)  # the browser and the site are asked meanwhile
    expect_cookie(visitor, "session").to_be_sent()
    assert accepted(site, copy)
    clock.travel_to(cookie.expires + NEARLY)
    expect_cookie(visitor, "session").not_to_be_sent()
    assert not accepted(site, cookie.value or "")
