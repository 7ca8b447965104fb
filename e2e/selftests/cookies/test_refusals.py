"""A Set-Cookie that a browser refuses is refused here too, with the reason"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.cookies.parsing_rules import FIREFOX
from cookieproof.cookies.refusals import likely_refusal, refusal
from cookieproof.cookies.stored_cookie import StoredCookie

NOW = datetime(2030, 5, 6, 7, 8, 9, tzinfo=UTC)


def answered(url: str, site: str | None = "same-origin") -> Exchange:
    scheme, _, host, path = url.split("/", 3)
    scheme = scheme.rstrip(":")
    return Exchange(1, 1, NOW, "GET", host, f"/{path}", 200, None, (), scheme, fetch_site=site, fetch_mode="no-cors")


@pytest.mark.parametrize(
    ("header", "url", "why"),
    [
        ("a=b", "http://shop.test/", ""),
        ("a=b; Secure", "http://localhost/", ""),
        ("a=b; Secure", "http://127.0.0.1/", ""),
        ("a=b; Secure", "https://shop.test/", ""),
        ("a=b; Secure", "http://shop.test/", "it has Secure and came over plain http from shop.test"),
        ("a=" + 4096 * "x", "http://localhost/", "its name and value have 4097 octets, and browsers take 4096"),
        ("a=" + 2048 * "ä", "http://localhost/", "its name and value have 4097 octets, and browsers take 4096"),
        ("a=" + 4095 * "\udcff", "http://localhost/", ""),  # octets that are no UTF-8
        ("a=b\x01", "http://localhost/", "it has the control character U+0001 in it"),
        ("a=b\0", "http://localhost/", "it has the control character U+0000 in it"),
        ("a=b; x=\x7f", "http://localhost/", "it has the control character U+007F in it"),
        ("a=b\tc", "http://localhost/", "it has the control character U+0009 in it"),
        ("\ta=b\t; Path=/", "http://localhost/", ""),
        ("=", "http://localhost/", "it has neither name nor value"),
        ("=__Host-a", "http://localhost/", "it has no name, and its value begins with __Host-"),
        (
            "=a=b",
            "http://localhost/",
            "it has no name and a = in its value, so that it would come back as another cookie",
        ),
        ("__Secure-a=b", "http://localhost/", "its name begins with __Secure- and it lacks Secure"),
        ("__SECURE-a=b", "http://localhost/", "its name begins with __Secure- and it lacks Secure"),
        ("__Host-a=b; Secure", "http://localhost/", "its name begins with __Host- and it needs Path=/ and no Domain"),
        ("__Http-a=b; Secure", "http://localhost/", "its name begins with __Http- and it lacks HttpOnly"),
        (
            "__Host-Http-a=b; Secure; Path=/",
            "http://localhost/",
            "its name begins with __Host-Http- and it lacks HttpOnly",
        ),
        ("__Host-Http-a=b; Secure; Path=/; HttpOnly", "http://localhost/", ""),
        (
            "__Host-a=b; Secure; Path=/",
            "http://shop.test/",
            "its name begins with __Host- and it came over plain http from shop.test",
        ),
        ("a=b; SameSite=None", "http://localhost/", "it has SameSite=None without Secure"),
        ("a=b; SameSite=None; SameSite=odd", "http://localhost/", ""),
        ("a=b; Partitioned", "http://localhost/", "it has Partitioned without Secure"),
        ("a=b; Domain=evil.test", "http://shop.test/", "shop.test cannot speak for Domain=evil.test"),
        (
            "a=b; Domain=.shop.test.",
            "http://www.shop.test/",
            "Domain=shop.test. ends with a dot, which www.shop.test does not: leave it out",
        ),
        ("a=b; Domain=a.shop.test", "http://shop.test/", "shop.test cannot speak for Domain=a.shop.test"),
        ("a=b; Domain=.SHOP.test", "http://a.shop.test/", ""),
        ("a=b; Domain=test", "http://shop.test/", "Domain=test is a public suffix, for which no host can speak"),
        ("a=b; Domain=localhost", "http://localhost/", ""),
        (
            "a=b; Domain=localhost",
            "http://a.localhost/",
            "Domain=localhost is a public suffix, for which no host can speak",
        ),
        ("a=b; Domain=0.0.1", "http://127.0.0.1/", "127.0.0.1 cannot speak for Domain=0.0.1"),
        ("a=b; Domain=127.0.0.1", "http://127.0.0.1/", ""),
    ],
)
def test_what_is_refused_and_why(header: str, url: str, why: str) -> None:
    assert refusal(answered(url), SetCookie(header)) == why


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("a=b\tc", ""),
        ("a", ""),
        ("=a", "it has no name"),
        ("a=b; Path=/\tc", "it has the control character U+0009 in it"),
    ],
)
def test_firefox_refuses_other_lines(header: str, why: str) -> None:
    assert refusal(answered("http://localhost/"), SetCookie(header, FIREFOX)) == why


@pytest.mark.parametrize(
    ("url", "header", "is_refused"),
    [
        ("http://shop.test/", "a=b", True),
        ("http://x.shop.test/", "a=b; Domain=shop.test", True),
        ("http://shop.test/", "other=b", False),
        ("http://shop.test/", "a=b; Path=/elsewhere", False),
        ("https://shop.test/", "a=b", False),
    ],
)
def test_plain_http_touches_no_secure_cookie(url: str, header: str, is_refused: bool) -> None:
    held = StoredCookie("a", "1", "shop.test", "/deep", None, http_only=False, secure=True, same_site="Lax")
    why = refusal(answered(f"{url}deep/x"), SetCookie(header), [held])
    assert why.startswith("what comes over plain http cannot touch the Secure cookie") == is_refused


@pytest.mark.parametrize(
    ("header", "site", "why"),
    [
        ("a=b; SameSite=None; Secure", "cross-site", "another site's page asked for it, and the browser blocks"),
        ("a=b; SameSite=None; Secure; Partitioned", "cross-site", ""),
        ("a=b; SameSite=None; Secure", "same-site", ""),
        ("a=b; Domain=co.example", "same-origin", "Domain=co.example may be a public suffix"),
        ("a=b; Domain=shop.co.example", "same-origin", ""),
    ],
)
def test_what_the_headers_do_not_tell_is_suspected(header: str, site: str, why: str) -> None:
    exchange = answered("https://shop.co.example/", site)
    assert not refusal(exchange, SetCookie(header))
    said = likely_refusal(exchange, SetCookie(header))
    assert said.startswith(why) if why else not said


@pytest.mark.parametrize(
    ("header", "destination", "why"),
    [
        ("a=b; SameSite=None; Secure", "iframe", "a frame asked for it, and in another site's page the browser blocks"),
        ("a=b; SameSite=None; Secure; Partitioned", "iframe", ""),
        ("a=b; SameSite=Lax", "iframe", ""),
        ("a=b; SameSite=None; Secure", "document", ""),
    ],
)
def test_a_frame_that_goes_on_within_its_own_site_may_be_in_another_sites_page(
    header: str, destination: str, why: str
) -> None:
    exchange = replace(answered("https://shop.example/"), fetch_dest=destination)
    said = likely_refusal(exchange, SetCookie(header))
    assert said.startswith(why) if why else not said
