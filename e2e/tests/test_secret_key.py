"""A deploy logs nobody out, and a new SECRET_KEY only those who should be"""

import os
import subprocess
import sys

import pytest
from playwright.sync_api import Page

from cookieproof import expect_cookie
from cookieproof.server import Site
from cookieproof.visitor import Visitor
from tests.shop import cart, press, sign_in, who

OLD = "the key that the tests begin with"
NEW = "the key that the tests move to"

pytestmark = pytest.mark.site(SECRET_KEY=OLD)


def signed_in_with_a_cart(page: Page, *, keep: bool) -> None:
    sign_in(page, "Ada", keep=keep)
    press(page, "Add apples")


@pytest.mark.parametrize("keep", [True, False])
def test_a_restart_with_the_same_key_keeps_everyone_signed_in(page: Page, site: Site, keep: bool) -> None:
    signed_in_with_a_cart(page, keep=keep)
    site.restart()
    assert who(page) == "Ada"
    assert cart(page) == {"apples": 1}


@pytest.mark.parametrize("keep", [True, False])
def test_a_new_key_logs_everyone_out_politely(page: Page, site: Site, keep: bool) -> None:
    signed_in_with_a_cart(page, keep=keep)
    site.restart(SECRET_KEY=NEW)
    assert who(page) is None
    assert cart(page) == {}
    assert "session" in site.wire[-2].cookies  # sent, and refused
    assert '" 500 ' not in site.log
    sign_in(page, "Ada")
    assert who(page) == "Ada"


@pytest.mark.parametrize("keep", [True, False])
def test_with_the_old_key_as_a_fallback_everyone_stays_and_moves_to_the_new_one(
    page: Page, site: Site, keep: bool
) -> None:
    signed_in_with_a_cart(page, keep=keep)
    site.restart(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD])
    assert who(page) == "Ada"
    site.restart(SECRET_KEY=NEW)
    assert who(page) == "Ada"
    assert cart(page) == {"apples": 1}


@pytest.mark.site("apps/article.py:create_app")
def test_the_articles_key_of_each_start_logs_everyone_out(visitor: Visitor, site: Site) -> None:
    visitor.goto("/set_session")
    assert visitor.goto("/get_session").text() == "user1"
    site.restart()
    expect_cookie(visitor, "session").to_be_sent()  # and refused: session["username"] is not there
    assert visitor.goto("/get_session").status == 500


def test_without_a_key_the_shop_does_not_start_and_says_how_to_make_one(pytestconfig: pytest.Config) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FLASK_")}
    command = [sys.executable, "-m", "flask", "--app", "site/shop", "run", "--port", "0"]
    shop = subprocess.run(
        command, cwd=pytestconfig.rootpath, env=environment, capture_output=True, text=True, timeout=30, check=False
    )
    assert shop.returncode != 0
    assert "does not start without a SECRET_KEY" in shop.stderr
    assert "secrets.token_hex()" in shop.stderr
    assert "Traceback" not in shop.stderr
