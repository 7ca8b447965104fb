"""How one signs in and out at the site that is audited (apps/audited.py), and an account there with all options."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from cookieproof import Account, Visitor
from selftests.support.project import E2E

# The file signing.py of a command; {} is what the site breaks.
SIGNING = """
from cookieproof import Account

def signing_in(visitor):
    visitor.goto("/login")
    visitor.page.get_by_label("Name").fill("ada")
    visitor.page.get_by_role("button", name="Sign in").click()
    visitor.page.get_by_text("Signed in as").wait_for()

ACCOUNT = Account(signing_in, private="/account", shows="Signed in as Ada", host="{}.localhost")
"""
SITE = f"{E2E}/selftests/apps/audited.py:create_app"
OUT_OF_STORAGE = """async () => {
  await fetch("/logout", {method: "POST", headers: {Authorization: `Bearer ${sessionStorage.token}`}});
  sessionStorage.clear();
}"""
SIGN_IN = """([name, remember]) => {
  const form = document.querySelector("form");
  form.elements.name.value = name;
  form.elements.remember.checked = remember;
  form.requestSubmit();
}"""


def sign_in(visitor: Visitor, name: str = "ada", *, remember: bool = False) -> None:
    visitor.goto("/login")
    visitor.page.evaluate(SIGN_IN, [name, remember])
    visitor.page.get_by_text("Signed in as").wait_for()


def sign_out(visitor: Visitor) -> None:
    """Send the form, which a person may not see."""
    visitor.page.evaluate("document.querySelector('form[action=\"/logout\"]').requestSubmit()")
    visitor.page.get_by_role("link", name="Sign in").wait_for()


def change_password(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="New password").click()
    visitor.page.get_by_text("Signed in as").wait_for()


def reset_password(visitor: Visitor) -> None:
    visitor.goto("/login")
    visitor.page.get_by_role("button", name="Reset password").click()
    visitor.page.get_by_text("A code is on its way").wait_for()


def sign_out_elsewhere(visitor: Visitor) -> None:
    visitor.goto("/account")
    sign_out(visitor)


def over_another_host(visitor: Visitor) -> None:
    visitor.goto("/account")
    visitor.page.evaluate(SIGN_IN, ["ada", False])
    visitor.page.get_by_text("Signed in as").wait_for()


def out_over_another_host(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Sign out").click()
    visitor.page.get_by_role("link", name="Sign in").wait_for()


def out_of_storage(visitor: Visitor) -> None:
    visitor.page.evaluate(OUT_OF_STORAGE)


def declared(breaks: str = "right", **more: Any) -> Account:
    facts: dict[str, Any] = {
        "sign_in": sign_in,
        "private": "/account",
        "shows": "Signed in as Ada",
        "sign_out": sign_out,
        "idle": timedelta(minutes=30),
        "absolute": timedelta(hours=8),
        "ends_with_browser": True,
        "remember": partial(sign_in, remember=True),
        "remembered": timedelta(days=30),
        "change": "/change",
        "concurrent": True,
        "change_password": change_password,
        "reset_password": reset_password,
        "another": partial(sign_in, name="bob"),
    }
    return Account(**{**facts, "host": f"{breaks}.localhost", **more})
