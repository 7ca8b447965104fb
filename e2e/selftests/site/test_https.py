"""An app is served over http and https alike, under hosts that browsers trust and one that they do not"""

import pytest

from cookieproof import Clock, Site, Visitor, expect_cookie

pytestmark = pytest.mark.site("../apps/deletions.py:create_app")


def test_a_visitor_stays_on_https_until_another_address_is_named(visitor: Visitor, site: Site, clock: Clock) -> None:
    origin = site.https.at("shop.test")
    visitor.goto(origin + "/set?name=a&secure=1&max_age=3600")
    assert visitor.page.evaluate("isSecureContext") is True
    assert visitor.host == "shop.test"
    expect_cookie(visitor, "a").to_be_sent()

    visitor.restart()
    site.restart()
    clock.advance(minutes=50)
    assert site.https.at("shop.test") == origin
    visitor.goto("/")
    assert visitor.page.url == origin + "/"
    expect_cookie(visitor, "a").to_be_sent()
    clock.advance(days=400)
    assert visitor.goto("/").ok
    expect_cookie(visitor, "a").not_to_be_sent()
    assert {exchange.scheme for exchange in visitor.wire} == {"https"}

    visitor.goto("/", host="shop.test")
    assert visitor.page.url == site.at("shop.test") + "/"
    assert visitor.wire[-1].scheme == "http"


def test_where_a_secure_cookie_is_taken_and_where_it_is_sent(visitor: Visitor, site: Site) -> None:
    for origin, taken in [
        (site.at("localhost"), True),  # trusted without https (W3C Secure Contexts, 3.1)
        (site.at("shop.localhost"), True),
        (site.at("shop.test"), False),
        (site.https.at("shop.test"), True),
    ]:
        for query in ("name=plain_secure&secure=1", "name=__Host-it&secure=1", "name=parted&secure=1&partitioned=1"):
            visitor.goto(f"{origin}/set?{query}")
        assert (visitor.sent().keys() >= {"plain_secure", "__Host-it", "parted"}) is taken
    visitor.goto("/", host="shop.test")
    assert visitor.sent() == {}  # what https set is kept from plain http
