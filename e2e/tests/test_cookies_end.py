"""A cookie without max_age ends with the browser, one with max_age does not"""

from datetime import timedelta

import pytest

from cookieproof import expect_cookie
from cookieproof.visitor import Visitor
from tests.shop import sign_in


def test_plain_cookies_end_with_the_browser_and_max_age_survives(visitor: Visitor) -> None:
    visitor.goto("/set_cookie")
    for name, value in [("Itcast_1", "python_1"), ("Itcast_2", "python_2")]:
        expect_cookie(visitor, name).to_be_sent(value=value)
        expect_cookie(visitor, name).to_end_with_the_browser()
    expect_cookie(visitor, "Itcast_3").to_be_sent(value="python_3")
    expect_cookie(visitor, "Itcast_3").to_expire_in(timedelta(hours=1))

    visitor.close()
    on_disk = {name: cookie.expires for name, cookie in visitor.on_disk.items()}
    visitor.open()

    expect_cookie(visitor, "Itcast_1").not_to_be_sent()
    expect_cookie(visitor, "Itcast_2").not_to_be_sent()
    expect_cookie(visitor, "Itcast_3").to_be_sent(value="python_3")
    # Chromium writes session cookies to disk too, marked as such, and deletes them at its next start.
    assert on_disk.pop("Itcast_3") is not None
    assert set(on_disk.values()) <= {None}
    visitor.close()
    assert visitor.on_disk.keys() == {"Itcast_3"}


@pytest.mark.every_engine
@pytest.mark.site(SESSION_COOKIE_SECURE=True)
def test_behind_https_every_cookie_can_be_secure(visitor: Visitor) -> None:
    visitor.goto("/set_cookie")
    sign_in(visitor.page, "Ada", remember=True)
    for name in ("Itcast_1", "Itcast_2", "Itcast_3", "remembered_name", "session"):
        expect_cookie(visitor, name).to_have(secure=True)


@pytest.mark.every_engine
def test_every_cookie_is_out_of_reach_of_scripts_and_of_other_sites(visitor: Visitor) -> None:
    visitor.goto("/set_cookie")
    for name in ("Itcast_1", "Itcast_2", "Itcast_3"):
        expect_cookie(visitor, name).to_have(http_only=True, same_site="Lax", secure=False, path="/", domain=None)
    assert visitor.page.evaluate("document.cookie") == ""
