"""An expectation judges what the browser holds, and names who set, refused, deleted or outlived it"""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlencode

import pytest

from cookieproof import Clock, Site, Visitor, expect_cookie
from selftests.support.saying import fails, say

pytestmark = pytest.mark.site("../apps/says.py:create_app")
HOUR = timedelta(hours=1)


def refused(name: str, by: str, why: str) -> str:
    return f"never set in this browser. The browser refused the Set-Cookie of {by}, since {why}"


def test_what_the_browser_refused_was_never_set(visitor: Visitor) -> None:
    lines = {
        "none=1; SameSite=None": "it has SameSite=None without Secure",
        f"big={'x' * 5000}": "its name and value have 5003 octets, and browsers take 4096",
        "__Host-a=1; Path=/": "its name begins with __Host- and it lacks Secure",
        "far=1; Domain=evil.test": "localhost cannot speak for Domain=evil.test",
        "plain=1; Secure": "it has Secure and came over plain http from shop.test",
    }
    for line, why in lines.items():
        name = line.partition("=")[0]
        visitor.goto(say(line), host="shop.test" if name == "plain" else "localhost")
        expectation = expect_cookie(visitor, name)
        for promise in (expectation.not_to_be_sent, expectation.to_be_deleted):
            fails(promise, refused(name, "GET /say", why))
        fails(expectation.to_be_sent, f"but is not. The browser refused the Set-Cookie of GET /say, since {why}")
        expectation.never_to_be_set()

    visitor.goto(say("none=1; SameSite=None; Secure"), host="localhost")
    visitor.goto(say("none=; SameSite=None; Secure; Max-Age=0"))
    expect_cookie(visitor, "none").not_to_be_sent()
    expect_cookie(visitor, "none").to_be_deleted()


def test_a_session_that_grew_too_large_is_not_taken_for_the_new_one(visitor: Visitor) -> None:
    visitor.goto(say("sid=small; Max-Age=3600; HttpOnly"))
    visitor.goto(say(f"sid={'x' * 3000}; Max-Age=3600; HttpOnly"))
    expectation = expect_cookie(visitor, "sid")
    expectation.to_be_sent()
    expectation.to_expire_in(HOUR)
    visitor.goto(say(f"sid={'x' * 5000}; Max-Age=3600; HttpOnly"))
    for promise in (
        expectation.to_be_sent,
        lambda: expectation.to_be_sent(value="y"),
        lambda: expectation.to_expire_in(HOUR),
        lambda: expectation.to_have(http_only=True),
        expectation.to_end_with_the_browser,
    ):
        fails(promise, "The browser refused the Set-Cookie of GET /say, since its name and value have 5003 octets")
    expectation.to_be_sent(value="x" * 3000)  # who names the value knows which it is


def test_why_it_is_not_sent(visitor: Visitor, clock: Clock, site: Site) -> None:
    past = format_datetime(datetime.now(UTC) - 4 * HOUR, usegmt=True)
    visitor.goto(say("deep=1; Path=/auth", f"past=1; Path=/; Expires={past}", "aged=1; Max-Age=60", "brief=1"))
    visitor.goto(say("there=1", "secure=1; Secure"), host="a.shop.localhost")
    visitor.goto(site.https.at("shop.test") + say("tls=1; Secure"))
    visitor.goto("/", host="shop.test")
    visitor.goto(site.at("shop.test") + "/")
    fails(expect_cookie(visitor, "tls").to_be_sent, "It is held, and Secure: it is not sent to http://shop.test")
    visitor.goto("/", host="b.shop.localhost")
    fails(expect_cookie(visitor, "there").to_be_sent, "It is held for a.shop.localhost, and not for b.shop.localhost")
    visitor.goto("/", host="localhost")
    fails(
        expect_cookie(visitor, "deep").to_be_sent,
        'It is held for /auth, and not sent to /: expect it with path="/auth"',
    )
    expect_cookie(visitor, "deep", path="/auth").to_be_sent()
    fails(expect_cookie(visitor, "past").to_be_sent, "GET /say set it with an Expires 4 hours")
    fails(expect_cookie(visitor, "past").to_be_sent, " in the past.")
    clock.advance(minutes=2)
    fails(expect_cookie(visitor, "aged").to_be_sent, "It ended by its age at ")
    fails(expect_cookie(visitor, "aged").to_be_deleted, "though it is gone", "It ended by its age at ")
    visitor.restart()
    visitor.goto("/")
    fails(expect_cookie(visitor, "brief").to_be_sent, "It ended with the browser at ")
    fails(expect_cookie(visitor, "brief").to_be_deleted, "though it is gone", "It ended with the browser at ")
    expect_cookie(visitor, "brief").not_to_be_sent()


@pytest.mark.every_engine
def test_scripts_and_clear_site_data_count_as_what_they_are(visitor: Visitor) -> None:
    visitor.goto(say("a=1; Max-Age=3600", "b=1", "c=1; HttpOnly", "d=1"))
    visitor.goto(say(script="document.cookie = 'a=1; max-age=7200'; document.cookie = 'b=; max-age=0'"))
    visitor.goto("/")
    expect_cookie(visitor, "a").to_expire_in(2 * HOUR)
    fails(
        lambda: expect_cookie(visitor, "a").to_expire_in(HOUR),
        "should expire 1 hour after it was set (within 5 seconds), but expires ",
        "became:     set by a script",
    )
    expect_cookie(visitor, "b").to_be_deleted()
    expect_cookie(visitor, "b").not_to_be_sent()
    fails(expect_cookie(visitor, "b").to_be_sent, "It was deleted by a script ")
    visitor.goto(
        say(script="cookieStore.delete('d'); cookieStore.set({name: 'e', value: '1', expires: Date.now() + 6e4})")
    )
    expect_cookie(visitor, "d").to_be_deleted()
    expect_cookie(visitor, "e").to_expire_in(timedelta(minutes=1))
    visitor.goto("/")
    fails(expect_cookie(visitor, "c").to_be_deleted, "no response deleted it, and it lives on")
    visitor.goto(say(clear="storage"))
    fails(expect_cookie(visitor, "c").to_be_deleted, "no response deleted it, and it lives on")
    visitor.goto(say(clear="cookies"))
    expect_cookie(visitor, "c").to_be_deleted()
    fails(expect_cookie(visitor, "c").to_be_sent, "It was deleted by Clear-Site-Data of GET /say at ")
    fails(expect_cookie(visitor, "e").to_be_sent, "It was deleted by Clear-Site-Data of GET /say at ")


def test_the_order_counts_and_the_path_chooses(visitor: Visitor) -> None:
    visitor.goto(say("late=; Max-Age=0"))
    visitor.goto(say("late=1"))
    fails(expect_cookie(visitor, "late").to_be_deleted, "it was deleted, and then set again by GET /say")
    visitor.goto(say("sid=root; Path=/; Max-Age=3600", "sid=auth; Path=/auth; HttpOnly"))
    root, auth = expect_cookie(visitor, "sid", path="/"), expect_cookie(visitor, "sid", path="/auth/x")
    root.to_have(http_only=False, path="/")
    root.to_expire_in(HOUR)
    auth.to_have(http_only=True, path="/auth")
    fails(auth.to_end_with_the_browser, "but another of its name, for localhost/, outlives it")
    fails(root.to_end_with_the_browser, "but outlives it")
    fails(lambda: auth.to_expire_in(HOUR), "but ends with the browser")
    visitor.goto(say("sid=; Path=/; Max-Age=0"))
    root.to_be_deleted()
    root.not_to_be_sent()
    fails(auth.to_be_deleted, "it was set for the path /auth and deleted for the path /")
    fails(expect_cookie(visitor, "sid").not_to_be_sent, "lives on at /auth")
    expect_cookie(visitor, "sid", path="/other").not_to_be_sent()


@pytest.mark.every_engine
def test_ages_are_measured_by_the_browsers_hand(visitor: Visitor, clock: Clock) -> None:
    visitor.goto("/")
    clock.skew(browser=3 * HOUR)
    expires = format_datetime(clock.now() + HOUR, usegmt=True)
    visitor.goto(say("aged=1; Max-Age=3600", f"dated=1; Expires={expires}"))
    clock.advance(minutes=5)
    for name in ("aged", "dated"):
        expect_cookie(visitor, name).to_expire_in(HOUR)
        # Expires knows whole seconds: a second may begin between the reading of the clock and the visit.
        with pytest.raises(AssertionError, match=r"but expires (1 hour|59 minutes 5\d seconds) after") as failure:
            expect_cookie(visitor, name).to_expire_in(4 * HOUR)
        assert " UTC by the browser's clock]" in str(failure.value)
        assert " UTC by the site, " in str(failure.value)


def test_what_makes_room_for_others_is_said_to_be_evicted(visitor: Visitor) -> None:
    visitor.goto(say("first=1; Max-Age=3600"))
    for start in range(0, 200, 50):
        visitor.goto(say(*(f"c{number}=1; Max-Age=3600" for number in range(start, start + 50))))
    evicted = r"It was evicted by the browser, which took (19\d|200) other cookies of localhost since it was set, at "
    with pytest.raises(AssertionError, match=evicted):
        expect_cookie(visitor, "first").to_be_sent()
    with pytest.raises(AssertionError, match=evicted):
        expect_cookie(visitor, "first").to_be_deleted()
    expect_cookie(visitor, "c199").to_be_sent()


@pytest.mark.every_engine
@pytest.mark.whole_browser
def test_what_is_blocked_as_another_sites_is_said_to_be(visitor: Visitor, site: Site) -> None:
    shop = site.at("shop.localhost")
    visitor.goto(f"/embed?{urlencode({'url': shop + say('third=1; SameSite=None; Secure')})}", host="top.localhost")
    visitor.goto("/", host="shop.localhost")
    third = expect_cookie(visitor, "third")
    if visitor.engine.browser == "firefox":  # which keeps it apart
        fails(third.to_be_sent, "It is held, and not sent here: it may be in a partition, for frames of other sites")
        fails(third.not_to_be_sent, "lives on at /")
    else:
        blocked = "since another site's page asked for it, and the browser blocks third-party cookies without Partition"
        fails(third.to_be_sent, blocked)
        fails(third.not_to_be_sent, "but was never set in this browser", blocked)


def test_what_a_script_used_up_was_set_and_what_it_put_back_was_taken(visitor: Visitor) -> None:
    """As a message is shown once; and as a page keeps what a person chose."""
    flash = expect_cookie(visitor, "flash")
    visitor.goto(say("flash=hello; Path=/", script="document.cookie = 'flash=; Path=/; Max-Age=0'"))
    fails(flash.never_to_be_set, "should never be set, but was")
    flash.to_be_deleted()
    flash.not_to_be_sent()

    theme = expect_cookie(visitor, "theme")
    for _ in range(3):
        visitor.goto(say("theme=light; Path=/", script="document.cookie = 'theme=dark; Path=/'"))
    theme.to_be_sent(value="dark")
    theme.to_be_sent()
    theme.to_end_with_the_browser()
    theme.to_have(path="/")


def test_what_scripts_set_evicts_too(visitor: Visitor) -> None:
    visitor.goto(say("first=1; Path=/; Max-Age=3600"))
    visitor.goto(say(script="for (let i = 0; i < 400; i++) document.cookie = `s${i}=1; Path=/; Max-Age=3600`"))
    fails(expect_cookie(visitor, "first").to_be_deleted, "It was evicted by the browser, which took")


def test_a_page_that_asks_without_end_is_judged(visitor: Visitor) -> None:
    visitor.goto(say("a=1", script="(async () => { for (;;) await fetch('/say') })()"))
    for _ in range(5):
        expect_cookie(visitor, "zz").never_to_be_set()
    expect_cookie(visitor, "a").to_be_sent()


def test_a_path_is_compared_as_the_browser_spells_it(visitor: Visitor) -> None:
    visitor.goto(say("sid=1; Path=/auth; Max-Age=3600"))
    for path in ("/auth?x=1", "/auth#f", "/x/../auth", "/auth/\u00e9"):
        expectation = expect_cookie(visitor, "sid", path=path)
        expectation.to_be_sent()
        expectation.to_expire_in(HOUR)
    visitor.goto(say("sid=; Path=/auth; Max-Age=0"))
    for path in ("/auth?x=1", "/x/../auth"):
        expect_cookie(visitor, "sid", path=path).to_be_deleted()


def test_what_makes_room_for_others_in_a_partition_is_said_to_be_evicted(visitor: Visitor) -> None:
    parted = "Max-Age=3600; Secure; Partitioned"
    visitor.goto(say(f"first=1; {parted}", "apart=1; Max-Age=3600"))
    visitor.goto(say(*(f"c{number}={2500 * 'x'}; {parted}" for number in range(3))))
    expect_cookie(visitor, "first").to_be_sent()  # there is room for these yet
    visitor.goto(say(*(f"d{number}={2500 * 'x'}; {parted}" for number in range(3))))
    evicted = "It was evicted by the browser, which keeps 10240 octets of localhost in a partition, at "
    for promise in (expect_cookie(visitor, "first").to_be_sent, expect_cookie(visitor, "first").to_be_deleted):
        fails(promise, evicted)
    expect_cookie(visitor, "apart").to_be_sent()  # which is in no partition
    expect_cookie(visitor, "d2").to_be_sent()


@pytest.mark.every_engine
def test_partition_and_priority_are_attributes(visitor: Visitor) -> None:
    visitor.goto(say("parted=1; Secure; Partitioned", "plain=1; Priority=HIGH", "odd=1; Priority=Top"))
    parted, plain, odd = (expect_cookie(visitor, name) for name in ("parted", "plain", "odd"))
    parted.to_have(partitioned=True, priority=None)
    plain.to_have(partitioned=False, priority="High")
    odd.to_have(priority=None)  # browsers take what is none of the three for Medium
    fails(lambda: parted.to_have(partitioned=False), "have partitioned=False, but the site asked for partitioned=True")
    fails(lambda: plain.to_have(partitioned=True), "have partitioned=True, but the site asked for partitioned=False")
    fails(lambda: plain.to_have(priority="Low"), "should have priority='Low', but the site asked for priority='High'")
    visitor.page.evaluate("document.cookie = 'by_script=1; Priority=High'")
    by_script = expect_cookie(visitor, "by_script")
    fails(lambda: by_script.to_have(priority="High"), "but no response set it, and the browser does not tell priority")


def test_a_cookie_header_that_few_servers_read_is_told_as_it_is_sent(visitor: Visitor) -> None:
    visitor.goto(say(script="for (let i = 0; i < 17; i++) document.cookie = `c${i}=${'x'.repeat(4000)}`"))
    assert sum(map(len, visitor.sent().values())) == 17 * 4000  # more than 64 KiB
    expect_cookie(visitor, "c16").to_be_sent()


def test_a_fetch_that_omits_credentials_is_said_to_take_no_cookies(visitor: Visitor, site: Site) -> None:
    def fetch(url: str, credentials: str) -> None:
        visitor.goto(say(script=f"fetch({json.dumps(url)}, {{credentials: '{credentials}'}})"))
        visitor.wait_for_network_idle()
        visitor.goto("/")

    omitted = (
        'since a script\'s fetch asked for it and sent no cookies: with credentials: "omit" the browser takes none'
    )
    fetch(say("sid=1"), "omit")
    sid = expect_cookie(visitor, "sid")
    fails(sid.to_be_sent, f"but is not. The browser refused the Set-Cookie of GET /say, {omitted}")
    fails(sid.to_be_deleted, "was never set in this browser", omitted)
    fetch(say("sid=1"), "same-origin")
    sid.to_be_sent(value="1")
    fetch(say("sid=2"), "omit")
    fails(sid.to_be_sent, "but is sent as it was before", omitted)
    fetch(say("sid=; Max-Age=0"), "omit")
    fails(sid.to_be_deleted, f"it lives on: the browser did not take the deletion, {omitted}")
    fetch(say("sid=; Max-Age=0"), "include")
    sid.to_be_deleted()

    # An API at another host than the page's
    visitor.goto("/", host="shop.localhost")
    api = site.at("api.shop.localhost")
    needs = 'since a page of another origin asked for it without cookies: its fetch needs credentials: "include"'
    of_both = "token=1; Domain=shop.localhost"
    fetch(api + say(of_both), "same-origin")
    fails(expect_cookie(visitor, "token").to_be_sent, needs)
    fetch(api + say(of_both), "include")
    expect_cookie(visitor, "token").to_be_sent()


@pytest.mark.every_engine
def test_what_clears_nothing_is_told(visitor: Visitor) -> None:
    visitor.goto(say("sid=1"), host="shop.test")
    visitor.goto(say(clear="cookies"))
    fails(expect_cookie(visitor, "sid").to_be_deleted, "it lives on: browsers ignore the Clear-Site-Data of GET /say, ")
    visitor.goto(say("sid=1"), host="localhost")
    sid = expect_cookie(visitor, "sid")
    for unquoted in ("cookies", "*", "'cookies'", '"cache", cookies'):
        visitor.goto(say(**{"clear-unquoted": unquoted}))
        fails(
            sid.to_be_deleted,
            f"it lives on: browsers ignore the Clear-Site-Data of GET /say ({unquoted}): it lacks quotes",
            f"cleared:    Clear-Site-Data: {unquoted}  [GET /say at ",
        )
        sid.to_be_sent()
    visitor.goto(say(clear="cookies"))
    sid.to_be_deleted()
