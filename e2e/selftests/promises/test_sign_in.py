"""A sign-in is judged by what the page shows, wherever it is kept, and a failure says who ended or kept it"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from cookieproof import WITH_THE_BROWSER, Clock, CookieproofError, Lifetime, NewVisitor, SignIn, Visitor
from cookieproof.cookies.exchange import Exchange
from cookieproof.plugin.options import seconds_for
from cookieproof.promises.lifetimes import names_of
from cookieproof.promises.scenarios.deleted import Deleted
from cookieproof.promises.scenarios.deleted_late import DeletedLate
from cookieproof.promises.scenarios.left_alone import LeftAlone
from cookieproof.promises.scenarios.scenario import Scenario
from cookieproof.promises.scenarios.signed_in_a_while import SignedInAWhile
from cookieproof.promises.scenarios.signed_in_and_closed import SignedInAndClosed
from cookieproof.promises.scenarios.signed_in_and_renewed import SignedInAndRenewed
from cookieproof.promises.scenarios.signed_in_left_alone import SignedInLeftAlone
from cookieproof.promises.scenarios.signed_in_not_renewed import SignedInNotRenewed
from cookieproof.promises.scenarios.signed_in_to_the_last import SignedInToTheLast
from cookieproof.promises.scenarios.signed_in_until_closed import SignedInUntilClosed
from cookieproof.promises.scenarios.signed_out import SignedOut
from cookieproof.promises.scenarios.signed_out_late import SignedOutLate
from cookieproof.promises.sign_in_reasons import who_ended
from cookieproof.promises.steps import Visit
from selftests.support.judged import judged, said_by

pytestmark = pytest.mark.site("../apps/sign_ins.py:create_app")
# What shows nobody is waited for: those that are found so have an end each of their own.
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
# What is declared of each, and by which scenario it is found broken: no other is run for it.
SHOWN: Any = {"path": "/account", "shows": "Signed in as Ada"}
ada: Any = partial(SignIn, **SHOWN)
CLOSED, AT_ONCE, WHILE = (partial(said_by, each) for each in (SignedInUntilClosed, SignedInAndClosed, SignedInAWhile))
LAST, PAST = (partial(said_by, each) for each in (SignedInToTheLast, SignedInLeftAlone))
RENEWED, NOT_RENEWED, OUT, OUT_LATE = (
    partial(said_by, each) for each in (SignedInAndRenewed, SignedInNotRenewed, SignedOut, SignedOutLate)
)
SAYS = r"sign-in by /\S*, should [\w ]+, but /account "
NOT, STILL = rf"{SAYS}does not show \"Signed in as Ada\" ", rf"{SAYS}still shows \"Signed in as Ada\" "
SIGN_INS = {
    ada(set_by="/in?none", lasts=WITH_THE_BROWSER, deleted_by="/out"): "",
    ada(set_by="/in?where=session", lasts=WITH_THE_BROWSER): CLOSED(""),
    ada(set_by="/in?where=local&seconds=3600", lasts=HOUR, deleted_by="/out"): "",
    ada(set_by="/in?seconds=3600&age=3600&slides", lasts=HOUR, renewed_by="/account", deleted_by="/out"): "",
    ada(set_by="/in?seconds=3600&age=9999&slides", lasts=HOUR, renewed_by="/also"): RENEWED(""),
    # one that ends after 30 idle minutes as well: that is neither proven nor in the way
    ada(set_by="/in?seconds=1800&slides", lasts=WITH_THE_BROWSER, deleted_by="/out?"): "",
    ada(set_by="/in?seconds=1800&slides", lasts=HOUR / 2, renewed_by="/account"): LAST(
        rf"{NOT}10 seconds before its end: the browser ended it: the cookie \"id\" ended with it\."
    ),
    # what only a visit would have kept, or ended
    ada(set_by="/in?seconds=4200&second=4200", lasts=HOUR + 10 * MINUTE): AT_ONCE(
        rf"{NOT}after the browser was closed and opened again, without a visit between: the browser ended it: the "
        r"cookie \"id\" ended with it\."
    ),
    ada(set_by="/in?age=9999&second=0", lasts=WITH_THE_BROWSER): AT_ONCE(
        rf"{STILL}after the browser was closed and opened again, without a visit between: with \"id\" the browser"
    ),
    ada(set_by="/in?where=handed&seconds=4500", lasts=HOUR + 15 * MINUTE): AT_ONCE(
        rf"{NOT}.* without a visit between: it is kept only once /account has been visited\."
    ),
    # who keeps it
    ada(set_by="/in?where=local", lasts=WITH_THE_BROWSER): CLOSED(
        rf"{STILL}after the browser was closed and opened again: the page kept it: a script drew it, which has "
        r"\"token\" in localStorage"
    ),
    ada(set_by="/in?key", lasts=WITH_THE_BROWSER): CLOSED(
        rf"{STILL}after the browser .*: with \"key\" the browser was known to the site\."
    ),
    ada(set_by="/in?key=1", lasts=WITH_THE_BROWSER, deleted_by="/out"): OUT(
        rf"{STILL}once signed out: with \"key\" the browser"
    ),
    ada(set_by="/in?where=local&seconds=7200", lasts=2 * HOUR, deleted_by="/out?kept"): OUT_LATE(
        rf"{STILL}once signed out half-way to its end: the page kept it: .* which has \"token\" in localStorage"
    ),
    ada(set_by="/in?5", lasts=WITH_THE_BROWSER, deleted_by="/out?status=500"): OUT(
        r"but GET /out\?status=500 answered 500\."
    ),
    ada(set_by="/in?6&age=7200", lasts=2 * HOUR, deleted_by="/out?status=500"): OUT_LATE(
        r"but GET /out\?status=500 answered 500\."
    ),
    ada(set_by="/in?7", lasts=WITH_THE_BROWSER, deleted_by="/out?status=401"): OUT(""),
    Lifetime("id", set_by="/in?8", lasts=WITH_THE_BROWSER, deleted_by="/out?status=500", **SHOWN): said_by(
        Deleted, r"but GET /out\?status=500 answered 500\."
    ),
    ada(set_by="/in?seconds=7000&age=7000", lasts=HOUR): PAST(rf"{STILL}5 seconds after its end: with \"id\" the "),
    ada(set_by="/in?seconds=3600&age=7200&slides", lasts=HOUR): NOT_RENEWED(
        rf"{STILL}5 seconds after its end: a visit to /account half-way renews it, or nothing ends it: declare "
    ),
    ada(set_by="/in?seconds=3600&age=7202&slides", lasts=HOUR, renewed_by=("/account", 10 * MINUTE)): NOT_RENEWED(
        rf"{STILL}5 seconds after its end: /account has renewed it before its last 10 minutes\."
    ),
    ada(set_by="/in?seconds=3900&remembered", lasts=HOUR + 5 * MINUTE): NOT_RENEWED(
        rf"{STILL}5 seconds after its end: a visit to /account half-way has set \"id\", which has no age: have"
    ),
    ada(
        set_by="/in?where=local", lasts=HOUR + 5 * MINUTE
    ): rf"{STILL}5 seconds after its end: the page kept it: a script",
    # who ends it
    ada(set_by="/in?where=local&seconds=1800", lasts=HOUR + 10 * MINUTE): LAST(
        rf"{NOT}10 seconds before its end: the server ended it: GET /me answered 401, though the browser still has "
        r"\"token\" in localStorage"
    ),
    ada(set_by="/in?where=local&lasts=1800", lasts=HOUR + 20 * MINUTE): LAST(
        rf"{NOT}10 seconds .*: the page ended it: a script removed \"token\" in localStorage"
    ),
    ada(set_by="/in?where=session&seconds=9999", lasts=HOUR + 30 * MINUTE): LAST(
        rf"{NOT}10 seconds .*: the browser ended it: \"token\" in sessionStorage ended with its tab"
    ),
    ada(set_by="/in?seconds=9999", lasts=HOUR + 40 * MINUTE): LAST(
        rf"{NOT}10 seconds .*: the browser ended it: the cookie \"id\" ended with it\."
    ),
    ada(set_by="/in?age=1800", lasts=HOUR + 50 * MINUTE): LAST(
        rf"{NOT}10 seconds .*: the browser ended it: the age of the cookie \"id\" is over\."
    ),
    ada(set_by="/in?seconds=3601&age=3601", lasts=HOUR, renewed_by="/account"): RENEWED(
        rf"{NOT}after its first end, though it was renewed: the browser ended it: the age of the cookie \"id\" is over"
    ),
    # a cookie beside it ends with the browser, and the server ends the sign-in
    ada(set_by="/in?seconds=1000&age=9999&beside=read", lasts=HOUR + 45 * MINUTE): LAST(
        rf"{NOT}10 seconds .*: the browser ended it: the cookie \"beside\" ended with it, or the server ended it, "
        r"though the browser still has the cookie \"id\"\."
    ),
    ada(set_by="/in?age=4000&seconds=600", lasts=WITH_THE_BROWSER): WHILE(
        rf"{NOT}20 minutes later, in the same browser: the server ended it, though the browser still has the cookie "
    ),
    # what proves nothing
    ada(set_by="/nowhere", lasts=HOUR): LAST(r"but GET /nowhere answered 404: name a page in set_by="),
    ada(set_by="/plain", lasts=HOUR): LAST(rf"{NOT}once signed in\. Is that spelled as the page shows it\?"),
    # beside it, a cookie's own
    Lifetime("id", set_by="/in?age=3600", lasts=HOUR): said_by(LeftAlone, ""),
}


# The browser, the server and the page ended it, and a cookie kept it: one of each.
IN_EACH_ENGINE = ("/in?age=1800", "/in?where=local&seconds=1800", "/in?where=local&lasts=1800", "/in?key")


@pytest.mark.every_engine
@pytest.mark.timeout(seconds_for(len(SIGN_INS)))
def test_each_verdict_says_who_ended_or_kept_it(new_visitor: NewVisitor, clock: Clock, browser_name: str) -> None:
    declared = SIGN_INS
    if browser_name != "chromium":
        declared = {each: says for each, says in SIGN_INS.items() if each.set_by in IN_EACH_ENGINE}
    wrong = judged(declared, new_visitor, clock)
    assert not wrong, "\n\n".join(wrong)


def test_who_is_known_in_one_browser_at_a_time_may_lose_another_cookie_meanwhile(
    new_visitor: NewVisitor, clock: Clock
) -> None:
    # "beside" ends with the browser; by the other run's sign-in the server ends this one.
    only_here = {
        ada(set_by="/in?only&seconds=3600&age=3600&beside=read", lasts=HOUR): "",
        ada(set_by="/in?only&seconds=1800&age=3600&beside=read", lasts=HOUR): "or the server ended it",
    }
    for each, expected in only_here.items():
        wrong = judged({each: expected}, new_visitor, clock, [SignedInToTheLast(), SignedInNotRenewed()])
        assert not wrong, "\n\n".join(wrong)


def test_a_step_that_has_failed_is_not_taken_again(new_visitor: NewVisitor, clock: Clock) -> None:
    """It may have failed by a deadline of half a minute, and says nothing new."""
    taken: list[str] = []

    def signing_out(visitor: Visitor) -> None:
        """Signs out, and waits for what never comes."""
        taken.append(visitor.host)
        visitor.goto("/out")
        visitor.page.get_by_text("Goodbye").wait_for(timeout=300)

    kinds: list[Lifetime] = [
        ada(set_by="/in", lasts=WITH_THE_BROWSER, deleted_by=signing_out),
        Lifetime("id", set_by="/in?1", lasts=WITH_THE_BROWSER, deleted_by=signing_out, **SHOWN),
        Lifetime("id", set_by="/in?2", lasts=WITH_THE_BROWSER, deleted_by=signing_out),
    ]
    scenarios: list[Scenario] = [SignedOut(), SignedOutLate(), Deleted(), DeletedLate()]
    wrong = judged(dict.fromkeys(kinds, "signing_out failed: TimeoutError: "), new_visitor, clock, scenarios)
    assert not wrong, "\n\n".join(wrong)
    assert len(taken) == len(kinds)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (200, "the server or the page ended it, which no cookie, localStorage or sessionStorage had kept"),
        (401, "the server ended it: GET /me answered 401"),
    ],
)
def test_what_is_kept_where_no_visit_looks_is_not_said_to_be_there(status: int, says: str) -> None:
    asked = Exchange(1, 1, datetime.now(UTC), "GET", "localhost", "/me", status, None, ())
    visit = Visit(time=asked.time, exchanges=(asked,), held=None, document=f"<p>{status}</p>")
    run: Any = SimpleNamespace(lifetime=ada(set_by="/in", lasts=HOUR), sent={}, stored=())
    assert who_ended(run, visit) == says


LEFT_OPEN = "5 seconds after its end, with /polling left open, which asked for GET /ping "
IDLE = {
    ada(set_by="/in?seconds=1800&slides", lasts=HOUR / 2, renewed_by="/account", idle_page="/plain"): "",
    ada(set_by="/in?seconds=1800&slides&age=3600", lasts=HOUR / 2, renewed_by="/account", idle_page="/polling"): (
        rf"{STILL}{LEFT_OPEN}\d\d times by itself: with \"id\" the browser was known"
    ),
    ada(set_by="/in?age=1800", lasts=HOUR / 2, idle_page="/leaving"): (
        rf"{NOT}10 seconds before its end, with /leaving left open.*: the server ended it: GET /out deleted the cookie"
    ),
    ada(set_by="/in", lasts=WITH_THE_BROWSER, idle_page="/leaving"): (
        rf"{NOT}20 minutes later, with /leaving left open: the server ended it: GET /out deleted the cookie"
    ),
    Lifetime(
        "id", set_by="/in?seconds=1800&slides&age=1800", lasts=HOUR / 2, idle_page="/polling", renewed_by="/account"
    ): (rf"but is still sent {LEFT_OPEN}"),
}


@pytest.mark.every_engine
@pytest.mark.timeout(seconds_for(10 * len(IDLE)))
def test_a_page_that_is_left_open_renews_or_ends_it(new_visitor: NewVisitor, clock: Clock, browser_name: str) -> None:
    # What differs between engines is how pages live on while the clock moves, which the first two show.
    declared = IDLE if browser_name == "chromium" else dict([*IDLE.items()][:2])
    wrong = judged(declared, new_visitor, clock, scenarios=[])
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ({}, r'sign-in by /in: only a page tells who is signed in, so declare what it shows: SignIn\(…, path="/acc'),
        ({"shows": "Ada", "idle_page": "polling"}, r'idle_page="polling" is no path of the site: spell it "/polling"'),
        ({"shows": "Ada", "idle_page": print}, r"idle_page=.* is no path of the site\."),
        ({"shows": "Ada", "lasts": MINUTE / 60}, r"sign-in by /in: lasts=timedelta\(seconds=1\) is too short"),
    ],
)
def test_what_cannot_be_proven_is_refused(declared: dict[str, Any], says: str) -> None:
    with pytest.raises(CookieproofError, match=says):
        SignIn(**{"set_by": "/in", "lasts": WITH_THE_BROWSER, **declared})


def test_each_has_a_name_for_its_test() -> None:
    both = [ada(set_by="/in", lasts=HOUR), ada(set_by="/in?key", lasts=HOUR), Lifetime("id", set_by="/in", lasts=HOUR)]
    assert names_of(both) == ["sign-in, /in", "sign-in, /in?key", "id"]
