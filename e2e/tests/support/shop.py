"""What a person does in the shop, as verbs on any page: a visitor's, or pytest-playwright's own.

``at`` is the URL of the shop under another host name, as ``site.at`` gives it.
"""

from __future__ import annotations

from playwright.sync_api import Page, expect


def sign_in(page: Page, name: str, *, keep: bool = False, remember: bool = False, at: str = "") -> None:
    """Fill in the sign-in form and send it; ``keep`` and ``remember`` are its two boxes."""
    page.goto(at + "/sign_in")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Keep me signed in").set_checked(keep)
    page.get_by_label("Remember my name").set_checked(remember)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/whoami")


def sign_out(page: Page, button: str = "Sign out", at: str = "") -> None:
    """Press the button that signs out, on the page that says who is signed in."""
    _show(page, "/whoami", at)
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_text("Nobody is signed in")).to_be_visible()


def who(page: Page, at: str = "") -> str | None:
    """The name that the shop knows its visitor by, None if it knows nobody."""
    response = page.goto(at + "/whoami")
    assert response and response.status == 200, f"/whoami answered {response and response.status}"
    name = page.locator("#username")
    return name.inner_text() if name.count() else None


def cart(page: Page, at: str = "") -> dict[str, int]:
    """What lies in the visitor's cart, by name, as the page shows it."""
    response = page.goto(at + "/cart/")
    assert response and response.status == 200, f"/cart/ answered {response and response.status}"
    rows = page.locator("tbody tr").all()
    counts = {row.get_attribute("id") or "": int(row.locator(".count").inner_text()) for row in rows}
    return {item: count for item, count in counts.items() if count}


def press(page: Page, button: str, at: str = "") -> None:
    """Press a button of the cart page, and wait for the page that answers."""
    _show(page, "/cart/", at)
    with page.expect_navigation():
        page.get_by_role("button", name=button).click()


def _show(page: Page, path: str, at: str) -> None:
    """Visit the path, unless the page shows it already, as after a form that led there."""
    if not (page.url == at + path if at else page.url.endswith(path)):
        page.goto(at + path)
