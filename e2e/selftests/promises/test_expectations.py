"""No expectation passes vacuously, and each failure shows name, promise and evidence"""

import re
from datetime import timedelta

import pytest

from cookieproof import Clock, Visitor, expect_cookie

pytestmark = pytest.mark.site("../apps/visits.py:create_app")


def test_a_failure_shows_the_evidence(visitor: Visitor) -> None:
    visitor.goto("/set/Itcast_1?value=python_1")
    with pytest.raises(AssertionError, match="should be sent with the value 'python_2', but is sent with 'python_1'"):
        expect_cookie(visitor, "Itcast_1").to_be_sent(value="python_2")
    with pytest.raises(AssertionError) as failure:
        expect_cookie(visitor, "Itcast_1").not_to_be_sent()
    moment = r"\d\d:\d\d:\d\d UTC"
    assert re.fullmatch(
        'cookie "Itcast_1" should not be sent to /, but is.\n'
        "  seen from localhost/:\n"
        rf"    Set-Cookie: Itcast_1=python_1; Path=/  \[GET /set/Itcast_1 at {moment}, 200\]\n"
        "    stored:     Itcast_1=python_1 for localhost/, until the browser closes\n"
        "    sent now:   Itcast_1=python_1\n"
        "    sent last:  no cookie was ever sent\n"
        rf"    clock:      \d+-\d\d-\d\d {moment}, life 1",
        str(failure.value),
    )


def test_what_was_never_set_is_no_proof_of_anything(visitor: Visitor) -> None:
    with pytest.raises(AssertionError, match="has not visited the site yet, which proves nothing"):
        expect_cookie(visitor, "Itcast_1").never_to_be_set()
    visitor.goto("/set/Itcast_1")
    never = 'but was never set in this browser. Did you mean "Itcast_1"?'
    with pytest.raises(AssertionError, match=re.escape(f'"Itcast1" should not be sent any more, {never}')):
        expect_cookie(visitor, "Itcast1").not_to_be_sent()
    with pytest.raises(AssertionError, match=re.escape(f'"Itcast1" should be deleted, {never}')):
        expect_cookie(visitor, "Itcast1").to_be_deleted()
    with pytest.raises(AssertionError, match=re.escape('should be sent to /, but is not. Did you mean "Itcast_1"?')):
        expect_cookie(visitor, "Itcast1").to_be_sent()
    expectation = expect_cookie(visitor, "Itcast1")
    for promise in (
        expectation.to_end_with_the_browser,
        lambda: expectation.to_expire_in(timedelta(hours=1)),
        lambda: expectation.to_have(secure=False),
    ):
        with pytest.raises(AssertionError, match=r'but the browser does not hold it\. Did you mean "Itcast_1"\?'):
            promise()
    expect_cookie(visitor, "Itcast1").never_to_be_set()
    with pytest.raises(AssertionError, match='"Itcast_1" should never be set, but was'):
        expect_cookie(visitor, "Itcast_1").never_to_be_set()
    with pytest.raises(TypeError, match="checks nothing"):
        expect_cookie(visitor, "Itcast_1").to_have()
    visitor.goto("/delete/a")  # which does not count as having been set
    with pytest.raises(AssertionError, match='"a" should not be sent any more, but was never set in this browser'):
        expect_cookie(visitor, "a").not_to_be_sent()
    expect_cookie(visitor, "a").never_to_be_set()


def test_a_cookie_that_lives_on_at_another_path_is_not_gone(visitor: Visitor) -> None:
    visitor.goto("/set/a?path=/deep")
    with pytest.raises(AssertionError, match="it is not sent to /, but lives on at /deep"):
        expect_cookie(visitor, "a").not_to_be_sent()
    expect_cookie(visitor, "a", path="/deep").to_be_sent()
    visitor.goto("/delete/a")
    with pytest.raises(AssertionError, match="it was set for the path /deep and deleted for the path /"):
        expect_cookie(visitor, "a").to_be_deleted()


def test_what_ended_in_another_way_was_not_deleted(visitor: Visitor) -> None:
    visitor.goto("/set/a")
    visitor.goto("/set/b")
    visitor.context.clear_cookies()
    visitor.goto("/set/c")
    visitor.goto("/delete/b")
    visitor.goto("/delete/c")
    otherwise = (
        r"though it is gone: it ended in another way\. Deleted instead: .*c\. It was removed by context\.clear_coo"
    )
    for name in ("a", "b"):  # what deleted b came too late
        with pytest.raises(AssertionError, match=otherwise):
            expect_cookie(visitor, name).to_be_deleted()
    expect_cookie(visitor, "c").to_be_deleted()


def test_the_age_of_what_a_script_set_counts_from_when_it_was_seen(visitor: Visitor) -> None:
    visitor.goto("/script")
    visitor.goto("/")
    expect_cookie(visitor, "by_script").to_expire_in(timedelta(minutes=1))
    with pytest.raises(
        AssertionError, match=r"should expire 2 minutes after it was set .*, but expires (1 minute|5\d seconds) after"
    ):
        expect_cookie(visitor, "by_script").to_expire_in(timedelta(minutes=2))
    with pytest.raises(AssertionError, match="should end with the browser, but outlives it"):
        expect_cookie(visitor, "by_script").to_end_with_the_browser()
    visitor.context.clear_cookies()
    expect_cookie(visitor, "by_script").not_to_be_sent()  # it counts as set, since it was held


def test_what_a_timer_sets_again_is_seen_once_its_time_has_come(visitor: Visitor, clock: Clock) -> None:
    visitor.goto("/set/a")
    visitor.goto("/delete/a")
    visitor.page.evaluate("void setTimeout(() => { document.cookie = 'a=again; Path=/; Max-Age=9999' }, 60_000)")
    expect_cookie(visitor, "a").to_be_deleted()
    clock.advance(minutes=2, awake=True)
    with pytest.raises(AssertionError, match='"a" should be deleted, but'):
        expect_cookie(visitor, "a").to_be_deleted()
