"""What a person does in the shop, as verbs."""

from __future__ import annotations

from cookieproof.visitor import Visitor


def sign_in(visitor: Visitor, name: str, *, keep: bool = False, remember: bool = False) -> None:
    """Fill in the sign-in form and send it; ``keep`` and ``remember`` are its two boxes."""
    visitor.goto("/sign_in")
    visitor.page.get_by_label("Name", exact=True).fill(name)
    visitor.page.get_by_label("Keep me signed in").set_checked(keep)
    visitor.page.get_by_label("Remember my name").set_checked(remember)
    visitor.page.get_by_role("button", name="Sign in").click()
    visitor.page.wait_for_url("**/whoami")


def sign_out(visitor: Visitor, button: str = "Sign out") -> None:
    """Press the button that signs out, on the page that says who is signed in."""
    visitor.goto("/whoami")
    visitor.page.get_by_role("button", name=button, exact=True).click()
    visitor.page.get_by_text("Nobody is signed in").wait_for()


def who(visitor: Visitor) -> str | None:
    """The name that the shop knows this visitor by, None if it knows nobody."""
    response = visitor.goto("/whoami")
    assert response.status == 200, f"/whoami answered {response.status}"
    name = visitor.page.locator("#username")
    return name.inner_text() if name.count() else None


def cart(visitor: Visitor) -> dict[str, int]:
    """What lies in the visitor's cart, by name, as the page shows it."""
    response = visitor.goto("/cart/")
    assert response.status == 200, f"/cart/ answered {response.status}"
    rows = visitor.page.locator("tbody tr").all()
    counts = {row.get_attribute("id") or "": int(row.locator(".count").inner_text()) for row in rows}
    return {item: count for item, count in counts.items() if count}


def press(visitor: Visitor, button: str) -> None:
    """Press a button of the cart page and wait for the page that answers."""
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name=button).click()
