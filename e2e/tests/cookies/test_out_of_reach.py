"""Cookies keep out of reach: of scripts, of other sites, of plain http"""

import pytest

from cookieproof import Visitor, expect_cookie
from tests.support.shop import sign_in


@pytest.mark.every_engine
@pytest.mark.site(SESSION_COOKIE_SECURE=True)
def test_behind_https_every_cookie_can_be_secure(visitor: Visitor) -> None:
    visitor.goto("/set_cookie")
    sign_in(visitor.page, "Ada", remember=True)
    for name in ("Itcast_1", "Itcast_2", "Itcast_3", "remembered_name", "session"):
        expect_cookie(visitor, name).to_have(secure=True)


def test_every_cookie_is_out_of_reach_of_scripts_and_of_other_sites(visitor: Visitor) -> None:
    visitor.goto("/set_cookie")
    for name in ("Itcast_1", "Itcast_2", "Itcast_3"):
        expect_cookie(visitor, name).to_have(http_only=True, same_site="Lax", secure=False, path="/", domain=None)
    assert visitor.page.evaluate("document.cookie") == ""
