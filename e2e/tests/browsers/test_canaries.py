"""Browsers do today what the shop's promises count on: a failure says which promise a change touches"""

from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import pytest

from cookieproof import Clock, Site, Visitor, expect_cookie
from tests.support.canaries import Declared, canary, end_of

pytestmark = [pytest.mark.every_engine, pytest.mark.site("../apps/ages.py:create_app")]


def test_no_cookie_lives_longer_than_400_days(visitor: Visitor, clock: Clock) -> None:
    visitor.goto(f"/set/long?max_age={500 * 24 * 3600}")
    canary(
        abs(end_of(visitor, "long") - clock.now() - timedelta(days=400)) < timedelta(minutes=1),
        used_to="cap Max-Age at 400 days (RFC 6265bis, 5.5)",
        affects="any lifetime of more than 400 days, such as a session kept for 2 years",
    )


def test_a_cookie_over_plain_http_lives_as_long_as_asked(visitor: Visitor, clock: Clock) -> None:
    visitor.goto("/", host="shop.test")
    assert visitor.page.evaluate("isSecureContext") is False  # else the canary would not sing here
    visitor.goto(f"/set/four_hours?max_age={4 * 3600}")
    clock.advance(hours=3, minutes=59)
    canary(
        "four_hours" in visitor.sent(),
        used_to="keep a cookie of 4 hours for 4 hours on a host without https (Chromium has a switch for 3 hours)",
        affects="every lifetime of more than 3 hours on a site without https",
    )


def test_how_long_a_cookie_without_same_site_goes_with_a_cross_site_post(
    visitor: Visitor, clock: Clock, site: Site, declared: Declared
) -> None:
    def posted(after: timedelta) -> bool:
        """Whether a cross-site form, sent this long after the cookie was set, brings it."""
        visitor.goto("/set/no_same_site", host="shop.localhost")
        set_at = clock.now()
        visitor.goto(f"/form?to={site.at('shop.localhost')}/form", host="evil.localhost")
        clock.travel_to(set_at + after)
        visitor.page.get_by_role("button").click()
        visitor.page.get_by_text("received").wait_for()
        return "no_same_site" in visitor.wire[-1].cookies

    grace = declared("lax_allowing_unsafe")
    affects = "a POST that another site sends: set SameSite yourself, as SESSION_COOKIE_SAMESITE does"
    canary(
        posted(after=timedelta(seconds=100)),
        used_to="send a cookie without SameSite with a cross-site POST in its first 2 minutes",
        affects=affects,
    )
    visitor.context.clear_cookies()
    canary(
        posted(after=timedelta(seconds=140)) == (grace is None),
        used_to=f"send it {f'for {grace} and then treat it as Lax' if grace else 'as long as it lives'}",
        affects=affects,
    )


def test_whether_session_cookies_are_on_disk(visitor: Visitor, declared: Declared) -> None:
    writes = declared("session_cookies_on_disk")
    visitor.goto("/set/session_cookie")
    visitor.close()
    canary(
        ("session_cookie" in visitor.on_disk) == writes,
        used_to=f"{'write' if writes else 'not write'} session cookies to the profile when it closes",
        affects="what is found on a shared computer when its owner has closed the browser",
    )


def test_that_cookies_know_no_port(visitor: Visitor, site: Site) -> None:
    for host in ("localhost", "shop.localhost", "127.0.0.1"):
        visitor.goto("/set/of_another_port?readable", host=host)
        visitor.page.goto(site.own_page(visitor.url))
        assert urlsplit(visitor.page.url).port != urlsplit(visitor.url).port
        canary(
            visitor.page.evaluate("document.cookie") == "of_another_port=1" and "of_another_port" in visitor.sent(),
            used_to=f"share a host's cookies among its ports (RFC 6265bis, 8.5), as those of {host}",
            affects="all that visitor.sent, expect_cookie and lifetimes say: they ask at a port of the harness's own",
        )


def test_which_prefixes_ask_for_http_only(visitor: Visitor) -> None:
    names = ("__Host-Http-a", "__Http-a", "__Host-a")
    headers = [f"{name}=1; Secure; Path=/; HttpOnly" for name in names]
    headers += [f"{name}{name[0]}=1; Secure; Path=/" for name in names]  # a readable twin of each
    visitor.goto("/headers?" + urlencode({"set": headers}, doseq=True))
    visitor.page.evaluate("names => names.forEach(each => document.cookie = `${each}script=1; Secure; Path=/`)", names)
    kept = {*names, "__Host-a_", "__Host-ascript"}
    canary(
        visitor.sent().keys() == kept,
        used_to=f"keep {sorted(kept)}, and no readable cookie of a name that begins with __Host-Http- or __Http-",
        affects="a session that is named so to keep scripts from setting it: until then call it __Host-…",
    )


def test_that_a_partitioned_cookie_is_another_one_under_each_site(visitor: Visitor, site: Site) -> None:
    there = f"{site.at('b.localhost')}/headers"
    visitor.goto("/headers?" + urlencode({"set": "parted=1; Secure; SameSite=None; Partitioned"}), host="b.localhost")
    expect_cookie(visitor, "parted").to_have(partitioned=True)
    visitor.goto("/headers?" + urlencode({"of": there}), host="a.localhost")
    [frame] = visitor.page.main_frame.child_frames
    canary(
        "parted" not in visitor.sent("/", frame=frame),
        used_to="keep a Partitioned cookie for the site of the page on which it was set",
        affects="all that stands in frames of other sites: who is signed in there is signed in under that page only",
    )


def test_which_cookies_of_too_many_are_forgotten(visitor: Visitor, declared: Declared) -> None:
    first = [f"{priority}=1; Priority={priority}" for priority in ("High", "Medium")]
    visitor.goto("/headers?" + urlencode({"set": first}, doseq=True))
    expect_cookie(visitor, "High").to_have(priority="High")
    visitor.page.evaluate("for (let n = 0; n < 200; n++) document.cookie = `more_${n}=1`")
    canary(
        ("High" in visitor.sent()) == declared("priority_decides") and "Medium" not in visitor.sent(),
        used_to="forget of more than 180 cookies of a site those first that were set first, in Chromium by Priority",
        affects="a session that ends by itself where a site sets many cookies: Priority=High keeps it, in Chromium",
    )
