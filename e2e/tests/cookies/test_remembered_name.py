"""The sign-in form fills in the name of a visitor who asked for it"""

from datetime import timedelta

from playwright.sync_api import Page

from cookieproof import Visitor, expect_cookie
from tests.support.shop import sign_in, who


def filled_in(page: Page) -> str:
    """What the sign-in form holds when it opens."""
    page.goto("/sign_in")
    return page.get_by_label("Name", exact=True).input_value()


def test_a_remembered_name_is_filled_in_after_a_restart(visitor: Visitor) -> None:
    sign_in(visitor.page, "Zoë; =née", remember=True)
    expect_cookie(visitor, "remembered_name").to_expire_in(timedelta(days=365))
    expect_cookie(visitor, "remembered_name").to_have(http_only=False, same_site="Lax")
    visitor.restart()
    expect_cookie(visitor, "session").not_to_be_sent()
    assert filled_in(visitor.page) == "Zoë; =née"

    sign_in(visitor.page, "Ada")  # who does not ask for it: forgotten
    expect_cookie(visitor, "remembered_name").to_be_deleted()
    assert filled_in(visitor.page) == ""


def test_a_name_is_not_remembered_unasked(visitor: Visitor) -> None:
    sign_in(visitor.page, "Ada")
    expect_cookie(visitor, "remembered_name").never_to_be_set()
    assert filled_in(visitor.page) == ""


def test_without_javascript_the_form_works_all_the_same(page: Page) -> None:
    page.route("**/*.js", lambda route: route.abort())  # java_script_enabled=False is nothing to Debian's Firefox
    sign_in(page, "Ada", remember=True)
    assert who(page) == "Ada"
    assert filled_in(page) == ""
