"""The cart follows its visitor and nobody else"""

from playwright.sync_api import Page, expect

from cookieproof import NewVisitor, Site, Visitor, expect_cookie
from tests.support.shop import cart, press, sign_in, who


def test_the_cart_follows_its_visitor_from_page_to_page(page: Page) -> None:
    for button in ("Add apples", "Add bread", "Add apples"):
        press(page, button)
    page.goto("/whoami")
    assert cart(page) == {"apples": 2, "bread": 1}
    press(page, "Remove apples")
    assert cart(page) == {"bread": 1}
    press(page, "Empty the cart")
    assert cart(page) == {}


def test_removing_and_emptying_what_is_not_there_any_more_is_no_error(page: Page, site: Site) -> None:
    press(page, "Add apples")
    left_open, left_open_too = page.context.new_page(), page.context.new_page()
    left_open.goto("/cart/")
    left_open_too.goto("/cart/")
    press(page, "Remove apples")

    left_open.get_by_role("button", name="Remove apples").click()
    expect(left_open.get_by_text("not in your cart any more")).to_be_visible()
    left_open_too.get_by_role("button", name="Empty the cart").click()
    expect(left_open_too.get_by_text("Your cart is empty")).to_be_visible()
    left_open.evaluate("document.querySelector('#apples [name=item]').value = 'a house'")
    left_open.get_by_role("button", name="Add apples").click()
    expect(left_open.get_by_text("does not sell that")).to_be_visible()

    assert cart(page) == {}
    assert '" 500 ' not in site.log


def test_two_visitors_and_a_private_window_share_nothing(visitor: Visitor, new_visitor: NewVisitor) -> None:
    sign_in(visitor.page, "Ada", keep=True, remember=True)
    press(visitor.page, "Add apples")

    other = new_visitor()
    assert who(other.page) is None
    assert cart(other.page) == {}
    expect_cookie(other, "remembered_name").never_to_be_set()

    assert visitor.context.browser
    with visitor.context.browser.new_context(base_url=visitor.site.url) as private:  # as an incognito window
        page = private.new_page()
        assert who(page) is None
        assert page.evaluate("document.cookie") == ""
        assert private.cookies() == []
        sign_in(page, "Grace")
    assert who(visitor.page) == "Ada"
    assert cart(visitor.page) == {"apples": 1}
