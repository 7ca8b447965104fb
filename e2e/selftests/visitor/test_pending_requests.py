"""Expectations and the clock wait for pending requests, and name those that never end"""

import time
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from cookieproof import Clock, Site, Visitor, expect_cookie
from cookieproof.errors import wait_until
from cookieproof.visitor import pending_requests
from selftests.support.saying import fails, say

pytestmark = pytest.mark.site("../apps/says.py:create_app")


def press(visitor: Visitor, button: str) -> None:
    visitor.goto("/buttons")
    visitor.page.locator(f"#{button}").click()


@pytest.mark.every_engine
def test_what_a_button_sets_and_deletes_is_waited_for(visitor: Visitor) -> None:
    press(visitor, "sign-in")
    expect_cookie(visitor, "sid").to_be_sent(value="1")
    visitor.page.locator("#sign-out").click()
    expect_cookie(visitor, "sid").to_be_deleted()
    expect_cookie(visitor, "sid").not_to_be_sent()
    visitor.page.locator("#sign-in-later").click()
    expect_cookie(visitor, "by_script").to_be_sent()
    expect_cookie(visitor, "by_script").to_end_with_the_browser()

    press(visitor, "sign-in")
    fails(expect_cookie(visitor, "sid").never_to_be_set, "should never be set, but was.")


def test_a_watch_says_how_long_it_watched(visitor: Visitor, site: Site) -> None:
    visitor.goto("/buttons")
    later = "milliseconds => setTimeout(() => document.cookie = 'by_script=1', milliseconds)"
    by_script = expect_cookie(visitor, "by_script")
    visitor.page.evaluate(later, 60_000)
    by_script.never_to_be_set()  # a timer of the page runs yet
    visitor.page.evaluate(later, 3000)  # later than the watch begins, on a busy machine too
    fails(
        lambda: by_script.never_to_be_set(within=timedelta(seconds=30)),
        "should never be set, but was, ",
        "(watched for 30 s",
    )
    began = time.monotonic()
    expect_cookie(visitor, "other").never_to_be_set(within=timedelta(seconds=1))
    assert 1 <= time.monotonic() - began < 4
    assert "for 1 second: no other" in [event.detail for event in site.events if event.what == "watched"]


def test_what_never_ends_is_named_and_not_waited_for(
    visitor: Visitor, clock: Clock, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    buttons = {
        "poll": "GET {}/late?seconds=1&n=",
        "never": "GET {}/never (open for ",
        "stream": "GET {}/never (",
        "style": "GET {}/never?type=text/css (open for ",
    }
    for button, named in buttons.items():
        visitor.goto(say(f"{button}=1; Max-Age=3600"))
        press(visitor, button)
        clock.advance(minutes=59)
        if button in ("poll", "never"):  # the others are GET /never too, which is told once
            assert [each for each in told(site) if each.startswith(named.format(site.url))], told(site)
        assert visitor.network_idle.pending.awaited() == []  # once known it is not waited for again
        with monkeypatch.context() as patch:
            if button == "poll":  # each request of which is new
                patch.setattr(pending_requests, "ENDLESS_SECONDS", 18.0)  # so long it would take to find out once more
            began = time.monotonic()
            clock.advance(minutes=2)
            expect_cookie(visitor, button).not_to_be_sent()
            assert time.monotonic() - began < 15
        expectation = expect_cookie(visitor, button)
        fails(expectation.to_be_deleted, "It ended by its age", named.format(site.url), ", not waited for")


@pytest.mark.parametrize("button", ["by-turns", "anew"])
def test_a_page_that_asks_this_and_that_without_end_is_named_and_not_waited_for(
    visitor: Visitor, clock: Clock, site: Site, button: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.goto(say("sid=1; Max-Age=3600"))
    press(visitor, button)
    clock.advance(minutes=59)
    named = [each for each in told(site) if each.startswith(f"GET {site.url}/late/")]
    assert [each for each in named if each.endswith(" (its page asks without end)")], told(site)
    assert len(named) == 1  # and not each that is asked anew
    monkeypatch.setattr(pending_requests, "ENDLESS_SECONDS", 18.0)  # so long it would take to find out once more
    began = time.monotonic()
    clock.advance(minutes=2)
    expect_cookie(visitor, "sid").not_to_be_sent()
    assert time.monotonic() - began < 15
    fails(expect_cookie(visitor, "sid").to_be_deleted, " (its page asks without end), not waited for")
    # What the test brings about there is waited for.
    visitor.page.locator("#sign-in").click()
    fails(expect_cookie(visitor, "sid").not_to_be_sent, "should not be sent to /, but is")


def test_what_a_page_asks_for_one_after_the_other_is_waited_for(visitor: Visitor) -> None:
    press(visitor, "chain")
    fails(expect_cookie(visitor, "chained").never_to_be_set, "should never be set, but was.")


@pytest.mark.every_engine
def test_what_a_frame_asked_for_that_was_removed_is_not_waited_for(
    visitor: Visitor, clock: Clock, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chromium tells no end of what a frame of another site asked for, Firefox of none."""
    frame = site.at("other.localhost") + say(script="fetch('/never')")
    with visitor.page.expect_request("**/never"):
        visitor.goto(f"/embed?{urlencode({'url': frame})}")
    visitor.page.evaluate("document.querySelector('iframe').remove()")
    monkeypatch.setattr(pending_requests, "ENDLESS_SECONDS", 18.0)  # so long it would be waited for
    began = time.monotonic()
    clock.advance(minutes=1)
    assert time.monotonic() - began < 15
    assert told(site) == []


def told(site: Site) -> list[str]:
    """What the report says was not waited for."""
    return [event.detail for event in site.events if event.what == "not awaited"]


@pytest.fixture
def _expectations_wait_long() -> Iterator[None]:
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)  # Playwright's own


@pytest.mark.usefixtures("_expectations_wait_long")
def test_a_page_that_has_no_script_is_not_waited_for(visitor: Visitor) -> None:
    visitor.goto(say("a=1"))
    began = time.monotonic()
    fails(expect_cookie(visitor, "b").to_be_sent, "should be sent to /, but is not")
    assert time.monotonic() - began < 15


def test_the_last_words_of_a_page_are_its_visitors(visitor: Visitor, site: Site) -> None:
    """Chromium tells nobody of what a page sends while it goes away, but its proxy knows."""
    visitor.goto(say("a=1", script="onpagehide = () => navigator.sendBeacon('/say?c=late%3D1')"))
    visitor.page.evaluate("location = '/'")
    wait_until(lambda: any(each.method == "POST" for each in site.wire), "the beacon", 30)
    assert [each.visitor for each in site.wire if each.method == "POST"] == [visitor.number]
