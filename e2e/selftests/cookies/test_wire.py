"""A Set-Cookie header is read as a browser reads it (RFC 6265bis, section 5.6)"""

from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.http import dump_cookie, parse_cookie

from cookieproof.commands.discover.suggested_lifetimes import is_below
from cookieproof.cookies.deletions import past_expires
from cookieproof.cookies.exchange import Exchange, SetCookie, cookie_pairs
from cookieproof.cookies.matching import path_matches
from cookieproof.errors import nearest_name
from cookieproof.site.own_pages import cookie_inspector_data

NOW = datetime(2030, 5, 6, 7, 8, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "name", "value"),
    [
        ("a=b", "a", "b"),
        ("näme=välue", "näme", "välue"),
        ("\xa0a=b\u2003", "\xa0a", "b\u2003"),  # only blanks and tabs are trimmed
        ("a=\udcff\udce4x", "a", "\ufffd\ufffdx"),  # octets that are no UTF-8
        (" a = b ; Path=/", "a", "b"),
        ("a=b=c", "a", "b=c"),
        ('a="b c"; Secure', "a", '"b c"'),
        ("alone", "", "alone"),
        ("=b", "", "b"),
    ],
)
def test_name_and_value(header: str, name: str, value: str) -> None:
    assert (SetCookie(header).name, SetCookie(header).value) == (name, value)


@pytest.mark.parametrize(
    ("header", "expires"),
    [
        ("a=b", None),
        ("a=b; Max-Age=60", NOW + timedelta(seconds=60)),
        ("a=b; max-age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", NOW + timedelta(seconds=60)),
        ("a=b; Max-Age=0", NOW),
        ("a=b; Max-Age=-5", NOW - timedelta(seconds=5)),
        ("a=b; Max-Age=soon", None),
        ("a=b; Max-Age=1; Max-Age=2", NOW + timedelta(seconds=2)),
        ("a=b; Max-Age=99999999999999", datetime.max.replace(tzinfo=UTC)),
        ("a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT", datetime(1970, 1, 1, tzinfo=UTC)),
        ("a=b; Expires=never", None),
        ("a=b; Max-Age=-99999999999999", datetime.min.replace(tzinfo=UTC)),
        ("a=b; Max-Age=+60", NOW + timedelta(seconds=60)),
        ("a=b; Max-Age=3_600", None),
        ("a=b; Max-Age=\u0663", None),
        pytest.param("a=b; Max-Age=6" + 1024 * "0", None, id="longer than browsers take"),
        ("a=b; Max-Age=soon; Expires=Thu, 01 Jan 1970 00:00:00 GMT", datetime(1970, 1, 1, tzinfo=UTC)),
        ("a=b; Expires=Fri, 31 Dec 9999 23:59:59", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("a=b; Expires=31 Dec 99999 23:59:59", datetime.max.replace(tzinfo=UTC)),
        ("a=b; Expires=31 Dec 999999999999999999999 23:59:59", None),
        ("a=b; Expires=Thu, 01-Jan-70 00:00:00 +0500", datetime(1970, 1, 1, tzinfo=UTC)),  # no time zone counts
        ("a=b; Expires=31 Feb 2031 00:00:00", None),
    ],
)
def test_when_it_ends(header: str, expires: datetime | None) -> None:
    assert SetCookie(header).expires(NOW) == expires


@pytest.mark.parametrize(
    ("header", "request_path", "path"),
    [
        ("a=b; Path=/shop", "/x/y", "/shop"),
        ("a=b", "/x/y", "/x"),
        ("a=b", "/x", "/"),
        ("a=b; Path=shop", "/x/y", "/x"),
    ],
)
def test_the_path_it_is_stored_for(header: str, request_path: str, path: str) -> None:
    assert SetCookie(header).path(request_path) == path


@pytest.mark.parametrize(
    ("header", "taken", "date", "held_until"),
    [
        ("a=b", NOW, None, None),
        ("a=b; Max-Age=60", NOW, NOW - timedelta(days=1), NOW + timedelta(seconds=60)),
        ("a=b; Max-Age=99999999999", NOW, None, NOW + timedelta(days=400)),
        ("a=b; Expires=Fri, 31 Dec 9999 23:59:59 GMT", NOW, None, NOW + timedelta(days=400)),
        ("a=b; Expires=Tue, 07 May 2030 07:08:09 GMT", NOW, None, NOW + timedelta(days=1)),
        # The site's clock is a day behind, and so is what it says: it means two days.
        ("a=b; Expires=Tue, 07 May 2030 07:08:09 GMT", NOW, NOW - timedelta(days=1), NOW + timedelta(days=2)),
        ("a=b; Max-Age=0", NOW, None, NOW),
    ],
)
def test_until_when_the_browser_holds_it(
    header: str, taken: datetime, date: datetime | None, held_until: datetime | None
) -> None:
    assert SetCookie(header).held_until(taken, date) == held_until


@pytest.mark.parametrize(
    ("header", "pairs"),
    [
        ("a=b; c=d; a=e", [("a", "b"), ("c", "d"), ("a", "e")]),
        ("a", [("", "a")]),
        ("a=; =b", [("a", ""), ("", "b")]),
        ("a=x y; b=1", [("a", "x y"), ("b", "1")]),
        ('a="x y"; b=" ; c="x', [("a", "x y"), ("b", '"'), ("c", '"x')]),
        (r'a="say \"\303\244\""', [("a", 'say "ä"')]),
        ('"a"=b; a b=c', [('"a"', "b"), ("a b", "c")]),
        ("näme=välue=", [("näme", "välue=")]),
        ("", []),
    ],
)
def test_what_was_sent(header: str, pairs: list[tuple[str, str]]) -> None:
    assert cookie_pairs(header) == pairs


@pytest.mark.parametrize("value", ["", "x y", 'say "hi"', "a;b", "ä漢\\", "\x01", "a=b,c", '"'])
def test_what_flask_spells_is_decoded_as_it_decodes_it(value: str) -> None:
    header = dump_cookie("a", value, path=None)
    assert cookie_pairs(header) == list(parse_cookie(header).items(multi=True)) == [("a", value)]


def test_an_exchange_is_read_as_another_engine_reads_it() -> None:
    exchange = Exchange(1, 2, NOW, "GET", "localhost", "/", 200, None, (SetCookie("a"),))
    assert [cookie.name for cookie in exchange.set_cookies] == [""]
    assert [cookie.name for cookie in exchange.read_by("firefox").set_cookies] == ["a"]


@pytest.mark.parametrize(
    ("name", "near"),
    [("Itcast1", "Itcast_1"), ("itcast_3", "Itcast_3"), ("Itcast_33", "Itcast_3"), ("nothing", None)],
)
def test_a_near_miss_is_the_one_that_was_meant(name: str, near: str | None) -> None:
    assert nearest_name(name, ["Itcast_1", "Itcast_2", "Itcast_3", "session"]) == near


@pytest.mark.parametrize(
    ("header", "past"),
    [
        ("a=b; Expires=Mon, 01 Jan 2024 00:00:00 GMT", NOW - datetime(2024, 1, 1, tzinfo=UTC)),
        ("a=b; Expires=Fri, 01 Jan 2100 00:00:00 GMT", None),
        ("a=; Expires=Mon, 01 Jan 2024 00:00:00 GMT", None),
        ("a=deleted; Expires=Thu, 01 Jan 1970 00:00:01 GMT", None),
        ("a=deleted; Expires=Fri, 31 Dec 1971 00:00:00 GMT", None),
        ("a=deleted; Expires=Mon, 01 Jan 2024 00:00:00 GMT; Max-Age=0", None),  # Max-Age decides
        ("a=b", None),
    ],
)
def test_an_expires_that_has_passed_by_mistake_is_told_from_a_deletion(header: str, past: timedelta | None) -> None:
    asked = Exchange(1, 1, NOW, "GET", "localhost", "/", 200, None, (cookie := SetCookie(header),))
    assert past_expires(asked, cookie) == past


@pytest.mark.parametrize(
    ("cookie_path", "path", "is_sent"),
    [("/", "/a", True), ("/a", "/a", True), ("/a", "/a/b", True), ("/a", "/ab", False), ("/a/", "/a", False)],
)
def test_a_path_is_matched_by_whole_parts(cookie_path: str, path: str, is_sent: bool) -> None:
    assert path_matches(cookie_path, path) is is_below(f"{path}?b=c", cookie_path) is is_sent


def test_the_cookie_inspector_tells_what_the_browser_holds() -> None:
    cookie = SetCookie("a=b; Max-Age=999999999; SameSite=foo")
    asked = Exchange(1, 1, NOW, "GET", "localhost", "/", 200, None, (cookie,))
    [told] = cookie_inspector_data("a=b", [asked], 1, "localhost", NOW)["cookies"]
    until = NOW + timedelta(days=400)
    assert told["notes"][0] == f"lives until {until:%A %d %B %Y, %H:%M:%S} UTC"
    assert "SameSite left out" in told["notes"][1]
