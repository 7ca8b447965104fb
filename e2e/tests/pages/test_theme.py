"""The theme is kept in the browser, and nothing else is"""

from cookieproof import Visitor, expect_storage


def test_a_theme_outlives_the_browser_until_it_is_taken_back(visitor: Visitor) -> None:
    visitor.goto("/theme")
    visitor.page.get_by_role("button", name="Dark").click()
    expect_storage(visitor, "theme").to_be_kept(value="dark")
    visitor.restart()
    expect_storage(visitor, "theme").to_be_kept()
    visitor.goto("/theme")
    visitor.page.locator("#theme", has_text="dark").wait_for()
    assert [each.name for each in visitor.storage] == ["theme"]
    visitor.page.get_by_role("button", name="As the system has it").click()
    expect_storage(visitor, "theme").to_be_gone()
    assert visitor.storage == []
