"""A frame of another site is asked as it asks: from frames of the harness's own, nested under the same hosts"""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Frame

from cookieproof import Clock, CookieproofError, Site, Visitor, expect_cookie
from cookieproof.browser.cookies_on_disk import partition_of
from cookieproof.errors import wait_until
from cookieproof.promises.cookie_state import CookieState
from cookieproof.visitor.frames import site_of
from cookieproof.visitor.probe import NEST

pytestmark = pytest.mark.site("../apps/frames.py:create_app")
SAME_SITE_NONE = "Path=/; SameSite=None; Secure"
COOKIES = [
    "strict=1; Path=/; SameSite=Strict",
    "lax=1; Path=/; SameSite=Lax",
    "left_out=1; Path=/",
    f"third=1; {SAME_SITE_NONE}",
    f"parted=1; {SAME_SITE_NONE}; Partitioned",
    "deep=1; Path=/deep; SameSite=None; Secure; Partitioned",
]
# The outermost first.
NESTED = [
    ["top.localhost", "shop.localhost"],
    ["a.shop.localhost", "b.shop.localhost"],
    ["top.localhost", "shop.localhost", "top.localhost"],
    ["localhost", "127.0.0.1"],
    ["127.0.0.1", "localhost"],
    ["a.localhost", "localhost"],
]


def visit(visitor: Visitor, site: Site, *hosts: str, sets: list[str], like: str = "", https: bool = False) -> Frame:
    """Visit a page within pages on these hosts, each of which sets these cookies. Returns the innermost."""
    url = ""
    for host in reversed(hosts):
        query = [("set", each) for each in sets] + [("of", url), ("like", like)] * bool(url)
        url = f"{site.at(host, https=https)}/?{urlencode(query)}"
    visitor.goto(url)
    page = visitor.page

    def all_there() -> Frame | None:
        page.evaluate("0")  # a round trip, by which Playwright hands over what has happened
        return page.frames[-1] if len(page.frames) == len(hosts) else None

    frame = wait_until(all_there, "the frames", 30)
    assert frame
    frame.wait_for_load_state()
    return frame


@pytest.mark.parametrize(
    "https", [pytest.param(False, id="http"), pytest.param(True, id="https", marks=pytest.mark.every_engine)]
)
def test_what_the_harness_says_of_a_frame_is_what_the_site_gets_from_it(
    visitor: Visitor, site: Site, https: bool
) -> None:
    for hosts in NESTED:
        frame = visit(visitor, site, *hosts, sets=COOKIES, https=https)
        for path in ("/", "/deep/page"):
            asked = len(visitor.wire)
            frame.evaluate("path => fetch(path).then(answer => answer.text())", path)
            [exchange] = visitor.wire[asked:]
            assert visitor.sent(path, frame=frame) == exchange.cookies, (hosts, path)
            assert ("parted" in exchange.cookies, "deep" in exchange.cookies) == (True, path != "/")
        assert len(visitor.wire) == asked + 1  # none of them ran a route
        assert ("strict" in visitor.sent(frame=frame)) is (hosts == NESTED[1])
        assert "strict" in visitor.sent(frame=visitor.page.main_frame)
        visitor.context.clear_cookies()


def test_each_partition_has_a_session_of_its_own(visitor: Visitor, site: Site, clock: Clock) -> None:
    visitor.goto(f"{site.at('shop.localhost')}/?{urlencode({'set': 'sid=at-top; Path=/; Max-Age=7200'})}")
    hour = f"sid=in-frame; {SAME_SITE_NONE}; Partitioned; Max-Age=3600"
    frame = visit(visitor, site, "top.localhost", "shop.localhost", sets=[hour])
    framed = expect_cookie(visitor, "sid", frame=frame)
    framed.to_be_sent(value="in-frame")
    tells = visitor.engine.reports_partitions
    held = CookieState(visitor, "sid", None, frame).held
    assert {cookie.partition for cookie in held} == ({"http://top.localhost"} if tells else {None})
    if tells:
        framed.to_expire_in(timedelta(hours=1))
        said = "sid=in-frame for shop.localhost/ in frames of top.localhost, until "
        assert [str(each).partition("2")[0] for each in held] == [said]
    with pytest.raises(AssertionError) as failure:
        framed.to_be_sent(value="at-top")
    assert "but is sent with 'in-frame'.\n  seen from shop.localhost/, in a frame of top.localhost:\n" in str(
        failure.value
    )
    assert ("for shop.localhost/ in frames of top.localhost, until" in str(failure.value)) is tells
    assert "    sent now:   sid=in-frame\n" in str(failure.value)

    clock.advance(hours=1, seconds=30)
    if tells:  # else the one that is left may be either
        framed.not_to_be_sent()
    with pytest.raises(
        AssertionError, match=r'"sid" should be sent to /, but is not\..*\n  seen from shop.localhost/, in'
    ):
        framed.to_be_sent()
    visitor.move_to("shop.localhost")
    expect_cookie(visitor, "sid").to_be_sent(value="at-top")
    if tells:
        clock.advance(hours=1)
        visit(visitor, site, "top.localhost", "shop.localhost", sets=[hour])
        visitor.move_to("shop.localhost")
        lives_on = "is not sent to /, but lives on at / in frames of top.localhost"
        with pytest.raises(AssertionError, match=lives_on):
            expect_cookie(visitor, "sid").not_to_be_sent()


def test_what_became_of_a_cookie_in_one_partition_is_not_said_of_another(visitor: Visitor, site: Site) -> None:
    parted = f"{SAME_SITE_NONE}; Partitioned"
    for line in (f"sid=1; {parted}", f"sid=; {parted}; Max-Age=0"):
        there = visit(visitor, site, "one.localhost", "shop.localhost", sets=[line])
    expect_cookie(visitor, "sid", frame=there).to_be_deleted()
    elsewhere = visit(visitor, site, "two.localhost", "shop.localhost", sets=[])
    expectation = expect_cookie(visitor, "sid", frame=elsewhere)
    for promise in (expectation.to_be_deleted, expectation.not_to_be_sent):
        with pytest.raises(AssertionError, match="was never set in this browser"):
            promise()


@pytest.mark.every_engine
def test_the_disk_tells_the_partition(visitor: Visitor, site: Site) -> None:
    aged = f"{SAME_SITE_NONE}; Partitioned; Max-Age=3600"
    for around in ("top.localhost", "localhost"):
        visit(visitor, site, around, "shop.localhost", sets=[f"in_{around.replace('.', '_')}=1; {aged}"])
    visitor.goto("/", host="shop.localhost")
    visitor.close()
    partitions = {cookie.name: cookie.partition for cookie in visitor.on_disk.values()}
    assert partitions == {"in_top_localhost": "http://top.localhost", "in_localhost": "http://localhost"}


def test_a_frame_that_cannot_be_stood_in_for(visitor: Visitor, site: Site) -> None:
    frame = visit(visitor, site, "top.localhost", "shop.localhost", sets=COOKIES)
    with pytest.raises(CookieproofError, match='"/deep" instead of "deep"'):
        visitor.sent("deep", frame=frame)
    sandboxed = visit(visitor, site, "top.localhost", "shop.localhost", sets=COOKIES, like="sandbox=allow-scripts")
    with pytest.raises(CookieproofError, match=r"The frame http://shop.localhost:\d+/ is no longer in its page: find"):
        visitor.sent(frame=frame)
    with pytest.raises(CookieproofError, match="has the origin null, and the harness stands in only for the site"):
        expect_cookie(visitor, "parted", frame=sandboxed).to_be_sent()
    # A frame without a URL of its own asks as what is around it does.
    visitor.page.evaluate("document.body.append(document.createElement('iframe'))")
    assert visitor.sent(frame=visitor.page.frames[-1]) == visitor.sent()


def test_a_frame_is_nested_in_a_page_whose_body_is_still_to_come(visitor: Visitor, site: Site) -> None:
    visitor.page.goto(f"{site.url}/in-two-parts", wait_until="commit")
    assert visitor.page.evaluate("document.body") is None
    visitor.page.evaluate(f"url => void (nested = ({NEST})(url))", f"{site.url}/nested")
    visitor.page.evaluate("fetch('/second-part').then(answer => answer.text())")
    visitor.page.evaluate("nested")
    assert [frame.url for frame in visitor.page.frames[1:]] == [f"{site.url}/nested"]


@pytest.mark.parametrize(
    ("key", "site"),
    [
        ("", None),
        (None, None),
        ("https://top.localhost", "https://top.localhost"),
        ("^partitionKey=%28http%2Ctop.localhost%29", "http://top.localhost"),
        ("^userContextId=2&partitionKey=%28https%2C127.0.0.1%2C8443%29", "https://127.0.0.1"),
        ("^userContextId=2", None),
    ],
)
def test_how_engines_spell_a_partition(key: str | None, site: str | None) -> None:
    assert partition_of(key) == site


def test_what_one_site_is() -> None:
    assert {site_of(f"http://{host}:8000") for host in ("a.shop.localhost", "b.c.shop.localhost")} == {
        "http://shop.localhost"
    }
    assert [site_of(f"https://{host}") for host in ("localhost", "127.0.0.1", "192.168.1.5", "a.test")] == [
        "https://localhost",
        "https://127.0.0.1",
        "https://192.168.1.5",
        "https://a.test",
    ]
