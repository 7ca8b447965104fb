"""However a browser ends, of each kind of cookie it leaves what docs/endings.md says"""

import time
from dataclasses import dataclass

import pytest

from cookieproof import NewVisitor, Visitor, expect_cookie
from cookieproof.browser.endings import EndingName
from cookieproof.errors import wait_until
from tests.support.canaries import Declared, canary
from tests.support.shop import sign_in, who

KEPT, GONE = "kept", "gone"
WRITES_AFTER_SECONDS = 30.0  # kCommitInterval of Chromium's net/extras/sqlite
# Which of the two is a matter of luck: nothing is asserted.
UNDETERMINED = "undetermined"

# Each kind of cookie, the host at which it is held, and whether it is to end with the browser.
KINDS = {
    "cookie without max_age": ("Itcast_1", "localhost", True),
    "Flask's session": ("session", "localhost", True),
    "cookie with max_age": ("Itcast_3", "localhost", False),
    "permanent session": ("session", "kept.localhost", False),
}


@dataclass(frozen=True)
class Row:
    """A way to end, and what it leaves: of cookies that end with the browser, and of those with an age."""

    name: str
    how: EndingName
    session: str
    aged: str
    source: str
    restores_session: bool | str = False
    # What other engines than Chromium leave of those with an age.
    aged_elsewhere: str = ""


ROWS = [
    Row("quit", "quit", GONE, KEPT, "RFC 6265bis, 5.7 step 3: a session cookie ends with the session"),
    Row("last window closed", "last-window", GONE, KEPT, "Chromium ends with its last window, on Linux and Windows"),
    Row(
        "interrupted (SIGINT)",
        "sigint",
        GONE,
        KEPT,
        "Chromium shuts down in order (chrome_browser_main_posix.cc); Firefox was seen to write some and to lose some",
        aged_elsewhere=UNDETERMINED,
    ),
    Row(
        "terminated (SIGTERM)",
        "sigterm",
        GONE,
        UNDETERMINED,
        "a race of the end with the writing: Chromium kept it in 5 of 12 runs, and in none of 5 others",
    ),
    Row(
        "quit, to continue where it was left (a setting)",
        "quit",
        KEPT,
        KEPT,
        "Chromium: a session that is restored takes its cookies along (chrome/browser/sessions/session_restore.cc); "
        "Firefox: browser.startup.page=3, and the cookies lie in sessionstore.jsonlz4",
        restores_session="setting",
    ),
    Row(
        "quit, to continue where it was left (--restore-last-session)",
        "quit",
        KEPT,
        KEPT,
        "as the setting; Chromium starts itself so after an update",
        restores_session="flag",
    ),
]


def hold_every_kind(visitor: Visitor) -> None:
    """Have the browser hold a cookie of each kind, and leave its page on the shop's first page."""
    sign_in(visitor.page, "Ada", keep=True, at=visitor.site.at("kept.localhost"))
    visitor.goto("/set_cookie", host="localhost")
    sign_in(visitor.page, "Ada")
    visitor.goto("/")


def still_sent(visitor: Visitor) -> dict[str, str]:
    """What became of each kind of cookie: kept or gone."""
    found = {}
    for kind, (name, host, _) in KINDS.items():
        visitor.move_to(host)
        found[kind] = KEPT if name in visitor.sent() else GONE
    return found


def promised(session: str, aged: str) -> dict[str, str]:
    """What is declared of each kind, as far as it is determined."""
    declared = {kind: session if ends_with_the_browser else aged for kind, (*_, ends_with_the_browser) in KINDS.items()}
    return {kind: verdict for kind, verdict in declared.items() if verdict != UNDETERMINED}


def other_than(expected: dict[str, str], found: dict[str, str]) -> dict[str, str]:
    """What turned out otherwise, by kind of cookie: empty if nothing did."""
    return {kind: f"{found[kind]}, not {what}" for kind, what in expected.items() if found[kind] != what}


@pytest.mark.every_engine
@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_what_is_left_after(row: Row, new_visitor: NewVisitor, declared: Declared) -> None:
    visitor = new_visitor(restores_session=row.restores_session)
    if row.how == "last-window":
        visitor.lives.require_ending("last-window")
    hold_every_kind(visitor)
    left = visitor.page.url
    visitor.close(how=row.how)
    visitor.open()
    if row.restores_session:
        canary(
            (visitor.page.url == left) is declared("restored_pages"),
            used_to="show its driver the pages that it restores, or not to",
            affects="visitor.page after a restart that continues where the visitor left off",
        )
    aged = row.aged if visitor.engine.browser == "chromium" else row.aged_elsewhere or row.aged
    assert other_than(promised(row.session, aged), still_sent(visitor)) == {}


@pytest.mark.every_engine
def test_what_is_left_after_a_crash(visitor: Visitor, declared: Declared) -> None:
    visitor.open()
    began = time.monotonic()
    hold_every_kind(visitor)
    wait_until(lambda: visitor.lives.crash_is_detectable, "the browser to write down that it runs", 20)
    # Chromium writes its cookies to disk 30 s after the first change to them, or at once after 512 changes.
    visitor.page.evaluate("for (let n = 0; n < 600; n++) document.cookie = `filler=${n}`")
    wait_until(
        lambda: "Itcast_3" in visitor.lives.read_disk(visitor.host), "the browser to write its cookies to disk", 40
    )
    visitor.goto("/set_cookie", host="late.localhost")
    visitor.crash()
    is_due = visitor.engine.browser != "chromium" or time.monotonic() - began >= WRITES_AFTER_SECONDS
    written = set(visitor.on_disk)
    if not is_due:  # Firefox writes as soon as its disk lets it, which may be before its end
        assert written == set()
    visitor.open()

    survives = declared("session_cookie_survives_a_crash")
    canary(
        still_sent(visitor) == promised(session=KEPT if survives else GONE, aged=KEPT),
        used_to=f"{'keep' if survives else 'forget'} a session cookie on disk when it is killed",
        affects='"logged out when the browser closes", for someone whose browser crashes',
    )
    visitor.move_to("late.localhost")
    assert set(visitor.sent()) == written  # what was not on disk yet is lost, whatever its age


@pytest.mark.every_engine
def test_closing_one_of_two_windows_ends_nothing_and_a_private_one_everything(visitor: Visitor) -> None:
    sign_in(visitor.page, "Ada")
    first = visitor.page
    with visitor.context.expect_page() as opened:
        first.evaluate("window.open('/whoami', '_blank', 'popup')")
    second = opened.value
    second.wait_for_load_state()
    first.close()
    assert who(second) == "Ada"
    expect_cookie(visitor, "session").to_be_sent()

    assert visitor.context.browser
    for keep in (False, True):
        with visitor.context.browser.new_context(base_url=visitor.site.url) as private:
            page = private.new_page()
            assert who(page) is None
            sign_in(page, "Grace", keep=keep, remember=True)
            assert who(page) == "Grace"
    assert who(second) == "Ada"


def test_a_pop_up_that_outlives_the_main_window_keeps_the_session_alive(visitor: Visitor) -> None:
    visitor.lives.require_ending("last-window")
    sign_in(visitor.page, "Ada")
    with visitor.context.expect_page() as opened:
        visitor.page.evaluate("window.open('/', '_blank', 'popup,width=400,height=300')")
    pop_up = opened.value
    pop_up.wait_for_load_state()
    for page in visitor.context.pages:
        if page != pop_up:
            page.close()
    assert who(pop_up) == "Ada"
    visitor.close(how="last-window")
    visitor.open()
    expect_cookie(visitor, "session").not_to_be_sent()
