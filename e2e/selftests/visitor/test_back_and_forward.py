"""Back and forward go through the history as a person does, and say where each page came from"""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from cookieproof import Clock, CookieproofError, NewVisitor, Visitor, expect_cookie
from cookieproof.visitor import session_history
from selftests.apps.history import REDRAWS, REDRAWS_LATER, RELOADS

pytestmark = [pytest.mark.site("../apps/history.py:create_app"), pytest.mark.whole_browser]

Declared = Callable[[str], Any]
# A page that listens for this is kept in no memory.
UNLOAD = quote("<script>addEventListener('unload', () => {})</script>")


@pytest.mark.every_engine
def test_each_says_where_the_page_came_from(visitor: Visitor, declared: Declared) -> None:
    visitor.goto("/one")
    with pytest.raises(CookieproofError, match=r"^There is nothing to go back to from http://localhost:\d+/one: visit"):
        visitor.back()
    visitor.goto("/two")
    there = visitor.back()
    assert (there, there.url) == ("memory", f"{visitor.site.url}/one")
    assert there.text.startswith("one of nobody")
    assert visitor.forward() == "memory"
    with pytest.raises(CookieproofError, match=r"^There is nothing to go forward to from http://localhost:\d+/two: "):
        visitor.forward()

    visitor.goto(f"/stored?cache=max-age=600&body={UNLOAD}")
    visitor.goto("/one")
    assert visitor.back() == "disk"
    visitor.goto("/private?cache=no-store")
    visitor.goto("/two")
    assert visitor.back() == declared("back_to_no_store")
    assert [(event.what, event.detail) for event in visitor.site.events][-1] == (
        "went back",
        f"to /private, from {declared('back_to_no_store')}",
    )


def test_another_host_a_form_and_a_fragment_are_steps(visitor: Visitor) -> None:
    visitor.goto("/one", host="a.localhost")
    visitor.goto("/two", host="b.localhost")
    assert visitor.back() == "memory"
    assert visitor.host == "a.localhost"
    there = visitor.forward()
    assert (there, visitor.host) == ("memory", "b.localhost")
    assert there.text.startswith("two of nobody")

    visitor.goto("/one")
    visitor.page.get_by_role("button", name="send").click()
    visitor.page.wait_for_url("**/two")
    assert visitor.back().text.startswith("one of nobody")
    visitor.goto("/one#part")
    visitor.goto("/one#other")
    there = visitor.back()
    assert (there, there.url) == ("memory", f"{visitor.url}/one#part")

    visitor.goto("/one")
    visitor.page.get_by_role("button", name="ask").click()
    visitor.page.wait_for_url("**/answered*")
    visitor.page.get_by_role("link").click()
    visitor.page.wait_for_url("**/two")
    again = (
        r"^Going back from http://b.localhost:\d+/two failed: \S+\. The page there answered a form and is not kept: "
    )
    with pytest.raises(CookieproofError, match=again):
        visitor.back()


@pytest.mark.every_engine
def test_what_back_shows_after_a_sign_out(visitor: Visitor) -> None:
    """A page that may not be stored is asked for anew, and one that reloads itself; another is shown as it was."""
    pages = ["kept?", "private?cache=private", "unstored?cache=no-store", f"reloads?body={quote(RELOADS)}"]
    pages.append(f"redraws?cache=no-store&body={quote(REDRAWS)}")
    shown = {}
    for page in pages:
        visitor.goto("/signed-in")
        visitor.context.add_cookies([{"name": "slow", "value": "0.5", "url": visitor.url}])
        visitor.goto(f"/{page}")
        visitor.goto("/sign-out")
        there = visitor.back()
        shown[page.partition("?")[0]] = (there, there.text.split("\n")[0])
    assert shown == {
        "kept": ("memory", "kept of Ada"),
        "private": ("memory", "private of Ada"),
        "unstored": ("site", "unstored of nobody"),
        "reloads": ("site", "reloads of nobody"),
        "redraws": ("site", "redraws of Ada"),
    }


def test_what_a_timer_draws_after_back_is_seen_once_its_time_has_come(visitor: Visitor, clock: Clock) -> None:
    visitor.goto("/signed-in")
    visitor.goto(f"/redraws?cache=no-store&body={quote(REDRAWS_LATER)}")
    visitor.goto("/sign-out")
    there = visitor.back()
    assert (there, there.text.split("\n")[0]) == ("site", "redraws of nobody")
    clock.advance(minutes=2, awake=True)
    assert visitor.page.locator("p").text_content() == "redraws of Ada"


def test_back_to_where_a_sign_in_has_led(visitor: Visitor) -> None:
    """Chromium may show it from memory though it says no-store, and its cookie is gone: but once it asks anew."""
    shown = []
    for page in ("unstored?cache=no-store", "visited?cache=no-store", f"reloads?cache=no-store&body={quote(RELOADS)}"):
        visitor.goto(f"/signed-in?to={quote('/' + page)}")
        if page.startswith("visited"):
            visitor.goto(f"/{page}")
        visitor.goto("/sign-out")
        shown.append(visitor.back().text.split("\n")[0])
    assert shown[0] in ("unstored of Ada", "unstored of nobody")
    assert shown[1:] == ["visited of nobody", "reloads of nobody"]


@pytest.mark.every_engine
def test_work_goes_on_after_a_page_came_from_memory(visitor: Visitor, clock: Clock, declared: Declared) -> None:
    visitor.goto("/signed-in")
    visitor.goto("/one")
    visitor.context.add_cookies([{"name": "slow", "value": "1.5", "url": visitor.url}])
    # It has not loaded when it is left, so that of this page nobody has heard that it has.
    visitor.page.goto(f"{visitor.url}/late?body={quote('<img src=/slow>')}", wait_until="commit")
    assert visitor.back() == "memory"
    began = time.monotonic()
    visitor.wait_for_network_idle()
    clock.advance(days=1)
    assert time.monotonic() - began < 15, "the wait before a move of the clock takes 20 s if it waits for a load event"
    expect_cookie(visitor, "who").to_be_sent(value="Ada")
    expect_cookie(visitor, "who").to_end_with_the_browser()

    told = declared("pages_from_memory_are_told")
    assert visitor.page.url.startswith(f"{visitor.url}/{'one' if told else 'late'}")
    if told:
        visitor.page.get_by_role("link").click()
        visitor.page.wait_for_url("**/two")
        assert visitor.wire[-1].path == "/two"
        assert visitor.back() == "memory"
    visitor.goto("/sign-out")
    expect_cookie(visitor, "who").to_be_deleted()
    clock.advance(days=1)
    assert visitor.back().text.startswith("one of Ada")


def test_nothing_is_awaited_of_a_page_that_went_to_memory(visitor: Visitor) -> None:
    visitor.goto("/one")
    visitor.context.add_cookies([{"name": "slow", "value": "3", "url": visitor.url}])
    visitor.page.evaluate("void fetch('/slow')")
    assert [each.url for each in visitor.network_idle.pending.awaited()] == [f"{visitor.url}/slow"]
    visitor.goto("/two")
    assert visitor.network_idle.pending.awaited() == []


def test_a_restored_session_has_its_history(new_visitor: NewVisitor) -> None:
    visitor = new_visitor(restores_session=True)
    visitor.goto("/stored?cache=max-age=600")
    visitor.goto("/signed-in")
    visitor.goto("/private?cache=no-store")
    visitor.goto("/two")
    visitor.restart()
    there = visitor.back()
    assert (there, there.text.split("\n")[0]) == ("site", "private of Ada")
    assert visitor.forward() == "memory"  # its documents of this life are kept, those that were restored too
    assert [visitor.back() for _ in range(3)] == ["memory", "disk", "disk"]


def test_a_sandboxed_page_comes_from_memory_too(visitor: Visitor) -> None:
    """It runs no script that would note it."""
    visitor.goto("/bare?policy=sandbox")
    visitor.goto("/two")
    assert visitor.back() == "memory"


def test_a_page_that_does_not_come_is_a_sentence(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor.goto("/slow")
    visitor.goto("/two")
    visitor.context.add_cookies([{"name": "slow", "value": "3", "url": visitor.url}])
    monkeypatch.setattr(session_history, "DEADLINE_SECONDS", 1)
    with pytest.raises(CookieproofError, match=r"^Waited 1 s in vain for the page to which \S+/two goes back\.$"):
        visitor.back()
