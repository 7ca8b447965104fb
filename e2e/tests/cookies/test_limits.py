"""The shop's cookies keep to the size, number and characters that browsers take, and tabs lose nothing to each other"""

from contextlib import ExitStack

import pytest
from playwright.sync_api import BrowserContext, Page

from cookieproof import Site
from tests.support.canaries import canary
from tests.support.shop import cart, press

limits = pytest.mark.site("../apps/limits.py:create_app")
PER_SITE, LEFT = 180, 150


def received(page: Page) -> dict[str, str]:
    """The cookies that the app receives, as Flask decodes them."""
    response = page.goto("/")
    assert response
    cookies: dict[str, str] = response.json()
    return cookies


@limits
@pytest.mark.every_engine
def test_a_cookie_of_4096_bytes_is_kept_and_one_of_4097_changes_nothing(page: Page) -> None:
    page.goto("/of/4096")
    canary(
        len("big" + received(page)["big"]) == 4096,
        used_to="keep a cookie whose name and value have 4096 bytes together (RFC 6265bis, 5.7, step 5)",
        affects="sessions: the shop refuses what would make one larger",
    )
    page.goto("/of/100")
    page.goto("/of/4097")
    canary(
        len("big" + received(page)["big"]) == 100,
        used_to="drop a cookie of 4097 bytes without a word, and keep the one of before",
        affects="sessions: the shop refuses what would make one larger",
    )


@limits
@pytest.mark.every_engine
def test_of_181_cookies_the_31_oldest_are_dropped(page: Page) -> None:
    for first in range(1, PER_SITE, 60):
        page.goto(f"/some/{first}/{first + 59}")
    assert len(received(page)) == PER_SITE
    page.goto(f"/some/{PER_SITE + 1}/{PER_SITE + 1}")
    canary(
        sorted(received(page)) == [f"c{number:03}" for number in range(PER_SITE + 2 - LEFT, PER_SITE + 2)],
        used_to=f"keep {PER_SITE} cookies of a site, and then the {LEFT} that were used last",
        affects="a session cookie on a site that sets many others",
    )


@limits
@pytest.mark.every_engine
@pytest.mark.parametrize("value", ['a "quoted" one', "Zoë, 漢字; 100 % \\ =", " "])
def test_a_value_comes_back_as_it_was_set(page: Page, value: str) -> None:
    page.goto("/")
    page.evaluate("value => fetch('/value?' + new URLSearchParams({value}))", value)
    assert received(page) == {"value": value}


def test_tabs_that_fill_the_cart_at_once_lose_nothing(page: Page, context: BrowserContext, site: Site) -> None:
    goods = ("apples", "bread", "cheese")
    press(page, "Add bread")
    tabs = [page, context.new_page(), context.new_page()]
    for tab in tabs:
        tab.goto("/cart/")
    with ExitStack() as answers:
        for tab in tabs:
            answers.enter_context(tab.expect_navigation())
        for tab, item in zip(tabs, goods, strict=True):
            tab.evaluate("item => setTimeout(() => document.querySelector(`#${item} form`).requestSubmit())", item)
    assert cart(page) == {"apples": 1, "bread": 2, "cheese": 1}
    assert [each.status for each in site.wire if each.path == "/cart/add"] == [302] * 4
