"""The cart follows its visitor and nobody else"""

from collections.abc import Callable

from cookieproof import expect_cookie
from cookieproof.server import Site
from cookieproof.visitor import Visitor
from tests.shop import cart, press, sign_in, who


def test_the_cart_follows_its_visitor_from_page_to_page(visitor: Visitor) -> None:
    visitor.goto("/cart/")
    for button in ("Add apples", "Add bread", "Add apples"):
        press(visitor, button)
    visitor.goto("/whoami")
    assert cart(visitor) == {"apples": 2, "bread": 1}
    press(visitor, "Remove apples")
    assert cart(visitor) == {"bread": 1}
    press(visitor, "Empty the cart")
    assert cart(visitor) == {}


def test_a_cart_without_an_account_ends_with_the_browser(visitor: Visitor) -> None:
    visitor.goto("/cart/")
    press(visitor, "Add cheese")
    assert cart(visitor) == {"cheese": 1}
    visitor.restart()
    assert cart(visitor) == {}


def test_the_cart_of_someone_who_stays_signed_in_survives_the_browser(visitor: Visitor) -> None:
    sign_in(visitor, "Ada", keep=True)
    visitor.goto("/cart/")
    press(visitor, "Add cheese")
    visitor.restart()
    assert cart(visitor) == {"cheese": 1}


def test_removing_what_is_not_there_any_more_is_no_error(visitor: Visitor, site: Site) -> None:
    visitor.goto("/cart/")
    press(visitor, "Add apples")
    other = visitor.context.new_page()
    other.goto("/cart/")
    press(visitor, "Remove apples")
    with other.expect_navigation():
        other.get_by_role("button", name="Remove apples").click()
    assert other.get_by_text("not in your cart any more").is_visible()
    with other.expect_navigation():
        other.evaluate("document.querySelector('#apples [name=item]').value = 'a house'")
        other.get_by_role("button", name="Add apples").click()
    assert other.get_by_text("does not sell that").is_visible()
    assert cart(visitor) == {}
    assert '" 500 ' not in site.log


def test_two_visitors_and_a_private_window_share_nothing(visitor: Visitor, new_visitor: Callable[[], Visitor]) -> None:
    sign_in(visitor, "Ada", keep=True, remember=True)
    visitor.goto("/cart/")
    press(visitor, "Add apples")

    other = new_visitor()
    assert who(other) is None
    assert cart(other) == {}
    expect_cookie(other, "remembered_name").never_to_be_set()

    assert visitor.context.browser
    with visitor.context.browser.new_context(base_url=visitor.site.url) as private:  # as an incognito window
        page = private.new_page()
        page.goto("/whoami")
        assert page.get_by_text("Nobody is signed in").is_visible()
        assert page.evaluate("document.cookie") == ""
        assert private.cookies() == []
    assert who(visitor) == "Ada"
