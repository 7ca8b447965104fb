"""Nothing of the site's answers for the browser: the harness asks it at ports of its own, where no service worker is"""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from urllib.parse import quote

import pytest

from cookieproof import WITH_THE_BROWSER, Clock, Lifetime, NewVisitor, Site, Visitor, expect_cookie
from cookieproof.promises.scenarios.browser_closed import BrowserClosed
from cookieproof.promises.scenarios.left_alone import LeftAlone
from selftests.support.judged import judged, said_by

pytestmark = pytest.mark.site("../apps/service_worker.py:create_app")
HOUR = timedelta(hours=1)
ALONE, CLOSED = partial(said_by, LeftAlone), partial(said_by, BrowserClosed)
PATIENCE = 15  # seconds, for which a fetch of the harness's would wait for a worker
WORKERS = {"localhost": "cache", "127.0.0.1": "garbage", "shop.localhost": "lie", "www.shop.localhost": "never"}
COOKIES = {
    "strict": "strict=1; Path=/; HttpOnly; SameSite=Strict",
    "__Host-it": "__Host-it=1; Path=/; Secure",
    "parted": "parted=1; Path=/; Secure; SameSite=None; Partitioned",
    "promised": "promised=1; Path=/",
}


def set_by(visitor: Visitor, cookie: str) -> None:
    visitor.goto(f"/set?cookie={quote(cookie)}")


def put_under_a_worker(visitor: Visitor, answer: str) -> None:
    """From now on the site's service worker answers to all that the visitor's pages ask for."""
    visitor.goto(f"/?answer={answer}")
    visitor.page.get_by_text("ready").wait_for()


def ask_past_the_worker(visitor: Visitor, site: Site, path: str) -> None:
    """Have the app itself answer: to a page at the harness's own port, of which no worker of the site's knows."""
    tab = visitor.context.new_page()
    tab.goto(site.own_page(visitor.url))
    tab.evaluate("url => fetch(url, {mode: 'no-cors', credentials: 'include'})", visitor.url + path)
    tab.close()


@pytest.mark.every_engine
def test_a_service_worker_neither_answers_nor_holds_up(visitor: Visitor, site: Site, browser_name: str) -> None:
    # An engine decides whether a worker is asked at all: one that lies shows it, and one that never answers.
    workers = WORKERS if browser_name == "chromium" else dict([*WORKERS.items()][2:])
    for number, (host, answer) in enumerate(workers.items()):
        visitor.goto(site.at(host, https=bool(number % 2)) + "/home")
        for cookie in (*COOKIES.values(), "deep=1; Path=/deep"):
            set_by(visitor, cookie)
        put_under_a_worker(visitor, answer)
        start = time.monotonic()
        assert visitor.sent().keys() == COOKIES.keys(), (host, answer)
        assert visitor.sent("/deep/er").keys() == {*COOKIES, "deep"}, (host, answer)
        expect_cookie(visitor, "promised").to_be_sent(value="1")
        asked = len(visitor.wire)
        ask_past_the_worker(visitor, site, f"/set?cookie={quote('promised=; Path=/; Max-Age=0')}")
        assert len(visitor.wire) == asked + 1  # it was the app that answered
        expect_cookie(visitor, "promised").to_be_deleted()
        expect_cookie(visitor, "promised").not_to_be_sent()
        assert time.monotonic() - start < PATIENCE, (host, answer)
        with pytest.raises(AssertionError, match=r'"promised" should be sent to /, but is not\.'):
            expect_cookie(visitor, "promised").to_be_sent()


def setting(name: str, age: int | None, answer: str) -> Callable[[Visitor], None]:
    """What sets a cookie by a visit and leaves the host to a service worker that answers so."""

    def step(visitor: Visitor) -> None:
        set_by(visitor, f"{name}=1; Path=/" + (f"; Max-Age={age}" if age else ""))
        put_under_a_worker(visitor, answer)

    step.__name__ = f"under_{answer}"
    return step


LIFETIMES = {
    Lifetime("kept", set_by=setting("kept", 3600, "lie"), lasts=HOUR): "",
    Lifetime("kept", set_by=setting("kept", 3600, "cache"), lasts=HOUR): ALONE(""),
    Lifetime("kept", set_by=setting("kept", 3600, "garbage"), lasts=HOUR): ALONE(""),
    Lifetime("promised", set_by=setting("promised", None, "lie"), lasts=WITH_THE_BROWSER): "",
    # The worker says that it is sent, at every moment.
    Lifetime("promised", set_by=setting("promised", 1800, "lie"), lasts=HOUR): ALONE("but is not sent .* before"),
    Lifetime("promised", set_by=setting("promised", 7200, "lie"), lasts=HOUR): ALONE("but is still sent .* after"),
    Lifetime("promised", set_by=setting("promised", None, "lie"), lasts=HOUR): ALONE("but is not sent after the brow"),
    Lifetime("kept", set_by=setting("kept", 3600, "garbage"), lasts=WITH_THE_BROWSER): CLOSED(
        "but is still sent after"
    ),
}


def test_the_clock_moves_under_a_service_worker_that_never_answers(visitor: Visitor, clock: Clock) -> None:
    visitor.goto("/home")
    set_by(visitor, "promised=1; Path=/; Max-Age=3600")
    put_under_a_worker(visitor, "never")
    start = time.monotonic()
    clock.advance(minutes=59)
    assert time.monotonic() - start < PATIENCE
    expect_cookie(visitor, "promised").to_be_sent()
    clock.advance(minutes=2)
    expect_cookie(visitor, "promised").not_to_be_sent()


def test_lifetimes_are_true_under_a_service_worker(new_visitor: NewVisitor, clock: Clock) -> None:
    wrong = judged(LIFETIMES, new_visitor, clock)
    assert not wrong, "\n".join(wrong)
