"""A deploy logs nobody out, and a new SECRET_KEY only those who should be"""

import os
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from cookieproof import Site
from tests.support.shop import cart, press, sign_in, who

OLD = "the key that the tests begin with"
NEW = "the key that the tests move to"

pytestmark = pytest.mark.site(SECRET_KEY=OLD)


def signed_in_at(page: Page, site: Site) -> list[str]:
    """Two hosts at which Ada is signed in, with a cart: until the browser closes, and for 7 days."""
    hosts = {site.at("once.localhost"): False, site.at("kept.localhost"): True}
    for host, keep in hosts.items():
        sign_in(page, "Ada", keep=keep, at=host)
        press(page, "Add apples", at=host)
    return list(hosts)


def test_a_restart_with_the_same_key_keeps_everyone_signed_in(page: Page, site: Site) -> None:
    hosts = signed_in_at(page, site)
    site.restart()
    for host in hosts:
        assert who(page, at=host) == "Ada"
        assert cart(page, at=host) == {"apples": 1}


def test_a_new_key_logs_everyone_out_politely(page: Page, site: Site) -> None:
    hosts = signed_in_at(page, site)
    site.restart(SECRET_KEY=NEW)
    for host in hosts:
        assert who(page, at=host) is None
        assert "session" in site.wire[-1].cookies  # sent, and refused
        assert cart(page, at=host) == {}
        sign_in(page, "Ada", at=host)
        assert who(page, at=host) == "Ada"
    assert '" 500 ' not in site.log


def test_with_the_old_key_as_a_fallback_everyone_stays_and_moves_to_the_new_one(page: Page, site: Site) -> None:
    hosts = signed_in_at(page, site)
    site.restart(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD])
    for host in hosts:
        assert who(page, at=host) == "Ada"
    site.restart(SECRET_KEY=NEW)
    for host in hosts:
        assert who(page, at=host) == "Ada"
        assert cart(page, at=host) == {"apples": 1}


@pytest.mark.site("../apps/article.py:create_app")
def test_the_articles_key_of_each_start_logs_everyone_out(page: Page, site: Site) -> None:
    page.goto("/set_session")
    expect(page.get_by_text("success")).to_be_visible()
    page.goto("/get_session")
    expect(page.get_by_text("user1")).to_be_visible()
    site.restart()
    answer = page.goto("/get_session")
    assert "session" in site.wire[-1].cookies  # sent, and refused: session["username"] is not there
    assert answer and answer.status == 500


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
