"""A session ends with the browser, unless the visitor asked to stay signed in"""

from datetime import timedelta

import pytest
from cookieproof import expect_cookie
from cookieproof.server import Site
from cookieproof.visitor import Visitor
from tests.shop import cart, press, sign_in, sign_out, who


def test_a_session_ends_with_the_browser(visitor: Visitor) -> None:
    sign_in(visitor, "Ada")
    assert who(visitor) == "Ada"
    expect_cookie(visitor, "session").to_end_with_the_browser()
    visitor.restart()
    expect_cookie(visitor, "session").not_to_be_sent()
    assert who(visitor) is None


def test_a_permanent_session_survives_the_browser_for_7_days(visitor: Visitor) -> None:
    sign_in(visitor, "Ada", keep=True)
    expect_cookie(visitor, "session").to_expire_in(timedelta(days=7))
    visitor.restart()
    assert who(visitor) == "Ada"


@pytest.mark.site("apps/unconfigured.py:create_app")
def test_without_configuration_a_permanent_session_is_held_for_31_days(visitor: Visitor) -> None:
    visitor.goto("/sign_in")
    expect_cookie(visitor, "session").to_expire_in(timedelta(days=31))


def test_signing_out_stays_signed_out_after_back_and_restart(visitor: Visitor) -> None:
    sign_in(visitor, "Ada", keep=True)
    sign_out(visitor)
    expect_cookie(visitor, "session").to_be_deleted()
    visitor.page.evaluate("history.back()")
    visitor.page.wait_for_url("**/whoami")
    visitor.page.get_by_text("Nobody is signed in").wait_for()
    visitor.restart()
    expect_cookie(visitor, "session").not_to_be_sent()
    assert who(visitor) is None


def test_one_value_leaves_the_session_and_the_rest_stays(visitor: Visitor) -> None:
    sign_in(visitor, "Ada")
    visitor.goto("/cart/")
    press(visitor, "Add apples")
    sign_out(visitor, "Sign out, keep the cart")  # session.pop("username", None)
    assert who(visitor) is None
    assert cart(visitor) == {"apples": 1}


def test_signing_in_again_starts_an_empty_session(visitor: Visitor) -> None:
    sign_in(visitor, "Ada")
    visitor.goto("/cart/")
    press(visitor, "Add apples")
    sign_in(visitor, "Grace")
    assert who(visitor) == "Grace"
    assert cart(visitor) == {}


@pytest.mark.parametrize("button", ["Sign out", "Sign out, keep the cart"])
def test_a_page_left_open_may_sign_out_a_session_that_is_gone(visitor: Visitor, site: Site, button: str) -> None:
    sign_in(visitor, "Ada")
    other = visitor.context.new_page()
    other.goto("/whoami")
    sign_out(visitor)
    with other.expect_navigation() as answer:
        other.get_by_role("button", name=button, exact=True).click()
    # Refused politely: the form belonged to the session that ended.
    assert answer.value.status == 400
    assert other.get_by_text("Nothing was changed").is_visible()
    assert who(visitor) is None
    assert '" 500 ' not in site.log


@pytest.mark.parametrize("name", ["", " ", "x" * 81])
def test_a_name_that_cannot_be_one_signs_nobody_in(visitor: Visitor, name: str) -> None:
    visitor.goto("/sign_in")
    visitor.page.evaluate("document.querySelector('form').noValidate = true")
    visitor.page.evaluate("name => document.getElementById('username').value = name", name)
    with visitor.page.expect_navigation() as answer:
        visitor.page.get_by_role("button", name="Sign in").click()
    assert answer.value.status == 422
    assert who(visitor) is None


@pytest.mark.site("apps/article.py:create_app")
def test_the_articles_pages_break_once_the_browser_was_closed(visitor: Visitor) -> None:
    visitor.goto("/set_session")
    assert visitor.goto("/get_session").status == 200
    visitor.restart()
    expect_cookie(visitor, "session").not_to_be_sent()
    for path in ("/get_session", "/del_session", "/get_cookie"):
        assert visitor.goto(path).status == 500
