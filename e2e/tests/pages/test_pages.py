"""pytest-playwright's own page works on the site, and the site says what the browser holds"""

import re

from playwright.sync_api import BrowserContext, Page, expect


def test_the_first_visit_holds_nothing_and_sets_nothing(page: Page, context: BrowserContext) -> None:
    page.goto("/")
    expect(page.get_by_text("your browser holds no cookie")).to_be_visible()
    for path in ("/get_cookie", "/whoami"):
        page.goto(path)
    assert context.cookies() == []


def test_the_page_explains_what_the_browser_holds_and_until_when(page: Page) -> None:
    page.goto("/set_cookie")
    page.goto("/sign_in")
    page.get_by_label("Name", exact=True).fill("Ada")
    page.get_by_label("Keep me signed in for 7 days").check()
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Your cookies").click()
    rows = page.locator("tbody tr")
    expect(rows.filter(has_text="Itcast_1")).to_contain_text("until the browser closes")
    expect(rows.filter(has_text="Itcast_3")).to_contain_text("for 1 hour")
    expect(rows.filter(has_text="session")).to_contain_text(re.compile(r"\w+day \d+ \w+ \d{4}, \d\d:\d\d:\d\d UTC"))
    expect(rows.filter(has_text="session")).to_contain_text("not encrypted")


def test_a_form_without_its_token_changes_nothing(page: Page) -> None:
    page.goto("/sign_in")
    page.locator("[name=csrf_token]").evaluate("field => field.remove()")
    page.get_by_label("Name", exact=True).fill("Ada")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Nothing was changed")).to_be_visible()
    page.goto("/whoami")
    expect(page.get_by_text("Nobody is signed in")).to_be_visible()
