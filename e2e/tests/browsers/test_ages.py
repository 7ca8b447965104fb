"""A cookie ends when its age says, to the second, whether the browser stays open or not"""

from datetime import timedelta

import pytest

from cookieproof import Clock, Visitor, expect_cookie
from tests.support.canaries import end_of

pytestmark = pytest.mark.every_engine


@pytest.mark.site("../apps/ages.py:create_app")
def test_every_way_to_ask_for_an_age(visitor: Visitor, clock: Clock) -> None:
    visitor.goto("/set")
    for name in ("only_expires", "both_max_age_sooner", "extended", "made_a_session_cookie"):
        expect_cookie(visitor, name).to_expire_in(timedelta(minutes=10))
    expect_cookie(visitor, "both_max_age_later").to_expire_in(timedelta(minutes=20))

    clock.advance(minutes=5)
    visitor.goto("/again")
    for name in ("zero", "negative", "past"):
        expect_cookie(visitor, name).to_be_deleted()
    expect_cookie(visitor, "extended").to_expire_in(timedelta(minutes=20))
    expect_cookie(visitor, "made_a_session_cookie").to_end_with_the_browser()

    first_end, last_end = end_of(visitor, "only_expires"), end_of(visitor, "extended")
    clock.travel_to(first_end + timedelta(seconds=5))
    expect_cookie(visitor, "only_expires").not_to_be_sent()
    expect_cookie(visitor, "both_max_age_sooner").not_to_be_sent()
    for name in ("both_max_age_later", "extended", "made_a_session_cookie"):
        expect_cookie(visitor, name).to_be_sent()

    visitor.restart()
    expect_cookie(visitor, "made_a_session_cookie").not_to_be_sent()
    clock.travel_to(last_end - timedelta(seconds=10))
    expect_cookie(visitor, "extended").to_be_sent(value="2")  # first, since it has seconds left
    expect_cookie(visitor, "both_max_age_later").not_to_be_sent()
    clock.travel_to(last_end + timedelta(seconds=5))
    expect_cookie(visitor, "extended").not_to_be_sent()
