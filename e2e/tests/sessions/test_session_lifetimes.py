"""A permanent session lasts its lifetime, in the browser and at the site"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from cookieproof import Clock, NewVisitor, Site, Visitor, expect_cookie
from tests.support.canaries import end_of
from tests.support.sessions import accepted
from tests.support.shop import sign_in, who

# With it on, which is Flask's default, looking whether one is signed in would renew the session.
not_renewed = pytest.mark.site(SESSION_REFRESH_EACH_REQUEST=False)


@not_renewed
def test_only_the_browser_ends_it_by_no_longer_sending_it(visitor: Visitor, clock: Clock, site: Site) -> None:
    sign_in(visitor.page, "Ada", keep=True)
    session = visitor.sent()["session"]
    clock.skew(browser=timedelta(days=7, seconds=10))
    expect_cookie(visitor, "session").not_to_be_sent()
    assert who(visitor.page) is None
    assert accepted(site, session)  # the site would not have ended it


@not_renewed
def test_only_the_site_ends_it_by_refusing_it(visitor: Visitor, clock: Clock, site: Site) -> None:
    before = clock.now()
    sign_in(visitor.page, "Ada", keep=True)
    signed_in_by = clock.now()
    session = visitor.sent()["session"]
    clock.skew(site=before + timedelta(days=7, seconds=-10) - clock.now())
    assert accepted(site, session)
    clock.skew(site=signed_in_by + timedelta(days=7, seconds=10) - clock.now())
    expect_cookie(visitor, "session").to_be_sent(value=session)  # the browser has not ended it
    assert who(visitor.page) is None
    assert not accepted(site, session)


def test_a_visit_each_6_days_keeps_it_alive_for_24_days(visitor: Visitor, clock: Clock) -> None:
    sign_in(visitor.page, "Ada", keep=True)
    for _ in range(4):
        clock.advance(days=6)
        assert who(visitor.page) == "Ada"
        expect_cookie(visitor, "session").to_expire_in(timedelta(days=7))
    clock.advance(days=7, seconds=10)
    expect_cookie(visitor, "session").not_to_be_sent()
    assert who(visitor.page) is None


@pytest.mark.site("../apps/unconfigured.py:create_app")
def test_a_browser_left_open_sends_a_session_that_its_signatures_age_has_ended(visitor: Visitor, clock: Clock) -> None:
    visitor.goto("/sign_in/keep", host="kept.localhost")
    expect_cookie(visitor, "session").to_expire_in(timedelta(days=31))  # Flask's own, where nothing is configured
    visitor.goto("/sign_in", host="localhost")
    expect_cookie(visitor, "session").to_end_with_the_browser()
    clock.advance(days=30)
    assert visitor.goto("/whoami").text() == "Ada"
    clock.advance(days=2)
    expect_cookie(visitor, "session").to_be_sent()
    assert visitor.goto("/whoami").text() == "nobody"


@pytest.mark.every_engine
@pytest.mark.site("../apps/unconfigured.py:create_app", PERMANENT_SESSION_LIFETIME=timedelta(days=3))
def test_moving_the_clock_at_once_renews_nothing(visitor: Visitor, clock: Clock) -> None:
    visitor.goto("/sign_in/keep")
    clock.advance(days=2)  # 20 ms later Chromium asks for /favicon.ico, which in the app would be a visit
    clock.advance(days=1, seconds=10)
    expect_cookie(visitor, "session").not_to_be_sent()


@pytest.mark.every_engine
@pytest.mark.parametrize("offset", ["browser", "site"])
def test_a_server_whose_clock_is_wrong_by_10_days_still_keeps_its_promise(
    visitor: Visitor, clock: Clock, offset: str
) -> None:
    move: Callable[..., None] = clock.skew
    move(**{offset: timedelta(days=10)})  # the server is behind the browser, or ahead of it
    sign_in(visitor.page, "Ada", keep=True)
    browsers_now = visitor.page.evaluate("Date.now()") / 1000
    # Expires is the server's time; the browser corrects it by the Date header that comes with it.
    assert end_of(visitor, "session").timestamp() - browsers_now == pytest.approx(7 * 24 * 3600, abs=10)
    clock.advance(days=6, hours=23)
    assert who(visitor.page) == "Ada"


def test_a_server_clock_that_was_10_days_behind_logs_out_when_it_is_set_right(visitor: Visitor, clock: Clock) -> None:
    clock.skew(browser=timedelta(days=10))
    sign_in(visitor.page, "Ada", keep=True)
    clock.skew(site=timedelta(days=10))
    # The signature carries the server's time, which no header corrects: it is 10 days old now.
    expect_cookie(visitor, "session").to_be_sent()
    assert who(visitor.page) is None


@pytest.mark.site("../apps/wrong_clock.py:create_app")
def test_a_server_clock_that_was_10_days_ahead_logs_out_when_it_is_set_right(visitor: Visitor, site: Site) -> None:
    site.restart(DAYS_AHEAD=10)
    visitor.goto("/sign_in/keep")
    assert visitor.goto("/whoami").text() == "Ada"
    site.restart()
    # Signed in the future, its age is below zero, which is refused too.
    expect_cookie(visitor, "session").to_be_sent()
    assert visitor.goto("/whoami").text() == "nobody"


def test_a_session_that_a_browser_brings_back_ends_after_an_hour_all_the_same(
    new_visitor: NewVisitor, clock: Clock, site: Site
) -> None:
    visitor = new_visitor(restores_session=True)  # "until the browser closes" would be for ever
    sign_in(visitor.page, "Ada")
    signed_in_at = clock.now()
    visitor.restart()
    assert who(visitor.page) == "Ada"
    copy = visitor.sent()["session"]
    clock.travel_to(signed_in_at + timedelta(minutes=59, seconds=50))
    assert who(visitor.page) == "Ada"
    assert accepted(site, copy)
    clock.travel_to(signed_in_at + timedelta(hours=1, seconds=10))
    assert who(visitor.page) is None
    assert not accepted(site, copy)
