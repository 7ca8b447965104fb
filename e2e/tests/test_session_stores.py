"""A session on the server keeps what a session in the cookie promises, and more, wherever it is stored"""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from cookieproof import expect_cookie
from cookieproof.clock import Clock
from cookieproof.server import Site
from cookieproof.visitor import Visitor
from tests.shop import cart, press, sign_in, sign_out, who
from tests.stores import Store
from tests.test_session_lifetimes import accepted
from tests.test_who_must_stay_out import give, the_session

pytestmark = pytest.mark.usefixtures("store")  # first, since the site is configured by it
NewContext = Callable[[], BrowserContext]
NEARLY = timedelta(seconds=5)


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
    cookie, copy = visitor.stored["session"], the_session(page, at["copied"])[1]
    record_ends = store.ends(cookie.value or "")
    assert cookie.expires and record_ends
    assert abs(cookie.expires - record_ends) < NEARLY
    clock.travel_to(cookie.expires - NEARLY)
    expect_cookie(visitor, "session").to_be_sent()
    assert accepted(site, copy)
    clock.travel_to(cookie.expires + NEARLY)
    expect_cookie(visitor, "session").not_to_be_sent()
    assert not accepted(site, cookie.value or "")


def test_a_restart_and_a_new_key_log_nobody_out(page: Page, site: Site) -> None:
    sign_in(page, "Ada")
    press(page, "Add apples")
    for config in ({}, {"SECRET_KEY": "another"}):  # which signs no session here
        site.restart(**config)
        assert who(page) == "Ada"
        assert cart(page) == {"apples": 1}


# --- what the cookie is


def test_the_cookie_is_an_id_and_nothing_else(page: Page, site: Site, store: Store) -> None:
    sign_in(page, "Ada", keep=True)
    press(page, "Add apples")
    page.get_by_label("A note for the shop").fill("Ring twice! " * 1000)  # a cookie holds 4096 bytes
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_label("A note for the shop")).to_have_value("Ring twice! " * 1000)
    session_id = the_session(page, site.url)[1]
    assert re.fullmatch(r"[\w-]{43}", session_id)  # 32 random bytes in base64
    assert store.ends(session_id)


def test_an_id_that_somebody_made_up_is_worth_nothing(page: Page, site: Site, store: Store) -> None:
    made_up = "A" * 43
    give(page.context, site, made_up)
    assert who(page) is None
    press(page, "Add apples")
    assert the_session(page, site.url)[1] != made_up
    assert store.ends(made_up) is None


def test_the_id_changes_at_sign_in(page: Page, new_context: NewContext, site: Site, store: Store) -> None:
    """Session fixation: Eve hands Ada a session of hers and waits for Ada to sign in with it."""
    eve = new_context().new_page()
    press(eve, "Add apples")
    eves_id = the_session(eve, site.url)[1]
    give(page.context, site, eves_id)
    assert cart(page) == {"apples": 1}
    sign_in(page, "Ada")
    assert the_session(page, site.url)[1] != eves_id
    assert store.ends(eves_id) is None
    assert cart(page) == {}
    assert who(eve) is None


@pytest.mark.parametrize("button", ["Sign out", "Sign out, keep the cart"])
def test_signing_out_deletes_the_record_and_with_it_every_copy(
    page: Page, new_context: NewContext, site: Site, store: Store, button: str
) -> None:
    sign_in(page, "Ada", keep=True)
    session_id, thiefs = the_session(page, site.url)[1], new_context()
    give(thiefs, site, session_id)
    thief = thiefs.new_page()
    assert who(thief) == "Ada"
    sign_out(page, button)
    assert store.ends(session_id) is None
    assert who(thief) is None


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
        expect(page.get_by_role("heading")).to_have_text("Please try again soon")
        assert "Traceback" not in page.content()
    finally:
        store.start()
    assert who(page) == "Ada"
