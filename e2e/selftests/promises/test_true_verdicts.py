"""Lifetimes are judged by what people live through: visits of pages, what the browser holds, what the page shows"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

import pytest

from cookieproof import WITH_THE_BROWSER, Clock, CookieproofError, Lifetime, NewVisitor, Visitor
from cookieproof.errors import wait_until
from cookieproof.plugin.options import seconds_for
from cookieproof.promises.identity import is_identity
from cookieproof.promises.prove import prove
from cookieproof.promises.scenarios.a_while_later import AWhileLater
from cookieproof.promises.scenarios.browser_closed import BrowserClosed
from cookieproof.promises.scenarios.deleted import Deleted
from cookieproof.promises.scenarios.deleted_late import DeletedLate
from cookieproof.promises.scenarios.left_alone import LeftAlone
from cookieproof.promises.scenarios.visited_at_the_edge import VisitedAtTheEdge
from cookieproof.promises.scenarios.visited_at_the_last_moment import VisitedAtTheLastMoment
from cookieproof.promises.scenarios.visited_half_way import VisitedHalfWay
from cookieproof.promises.scenarios.visited_soon_and_late import VisitedSoonAndLate
from selftests.support.judged import judged, said_by

pytestmark = pytest.mark.site("../apps/people.py:create_app")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ADA = "Signed in as Ada"
# Which scenario is to say so: no other is run for what is broken.
UNVISITED, OUT, OUT_LATE = (partial(said_by, each) for each in (LeftAlone, Deleted, DeletedLate))
CLOSED, LATER = (partial(said_by, each) for each in (BrowserClosed, AWhileLater))
SOON, HALF_WAY = (partial(said_by, each) for each in (VisitedSoonAndLate, VisitedHalfWay))
EDGE, LAST = (partial(said_by, each) for each in (VisitedAtTheEdge, VisitedAtTheLastMoment))


def waiting_for_it(visitor: Visitor) -> None:
    visitor.goto("/tardy")
    visitor.page.wait_for_function("document.cookie.includes('tardy')")


def waiting_until_it_is_late(visitor: Visitor) -> None:
    visitor.goto("/set-late")
    visitor.page.wait_for_function("document.cookie.includes('late')")


def visiting_twice(visitor: Visitor) -> None:
    visitor.goto("/beacon/")
    visitor.goto("/plain/")


def leaving_a_page_that_renews(visitor: Visitor) -> None:
    """Chromium tells nobody of a beacon: the next page may have loaded before it is sent, so its cookie is awaited."""
    visitor.goto("/beacon/")
    before = visitor.stored["beacon"].value
    visitor.goto("/plain/")
    wait_until(lambda: visitor.stored["beacon"].value != before, "the beacon's cookie", 20)


def waiting_until_it_rests(visitor: Visitor) -> None:
    visitor.goto("/idle/")
    visitor.page.evaluate("rests = true")
    visitor.page.wait_for_function("document.cookie.includes('idle=2')")


def does_nothing(visitor: Visitor) -> None:
    visitor.goto("/plain/")


def fails_before_its_visit(visitor: Visitor) -> None:
    raise ValueError("no such button")


def by_request(visitor: Visitor) -> None:
    """Fails in Playwright's own request, as one does whose machine does not know the names below localhost."""
    visitor.goto("/plain/")
    visitor.context.request.post("no-scheme://localhost/")


def aged(name: str, path: str, **more: object) -> Lifetime:
    return Lifetime(name, set_by=f"/set/{name}", lasts=HOUR, path=path, **more)  # type: ignore[arg-type]


def person(set_by: str, lasts: object = WITH_THE_BROWSER, **more: object) -> Lifetime:
    return Lifetime("sid", set_by=set_by, lasts=lasts, **{"path": "/account", "shows": ADA, **more})  # type: ignore[arg-type]


VISITS = {
    aged("plain", "/plain/"): "",
    aged("plain", "/plain/", deleted_by="/deleted-by-a-script"): OUT(""),
    aged("picture", "/picture/"): SOON(r"a visit to /picture/ soon after it was set renews it: declare renewed_by="),
    aged("picture", "/picture/", renewed_by="/picture/"): "",
    aged("script", "/script/"): SOON(r"a visit to /script/ soon after it was set renews it"),
    aged("script", "/script/", renewed_by="/script/"): SOON(""),
    aged("late", "/late/"): SOON(r"a visit to /late/ soon after it was set renews it"),
    aged("late", "/late/", renewed_by="/late/"): SOON(""),
    aged("navigated", "/navigated/"): SOON(r"a visit to /navigated/ soon after it was set renews it"),
    aged("navigated", "/navigated/", renewed_by="/navigated/"): SOON(""),
    Lifetime("quarter", set_by="/set-quarter", lasts=HOUR, path="/quarter/"): (
        SOON(r"a visit to /quarter/ in the last tenth of its time renews it")
    ),
    Lifetime("quarter", set_by="/set-quarter", lasts=HOUR, path="/quarter/", renewed_by="/quarter/"): (
        SOON(r"/quarter/ does not renew it soon after it was set")
    ),
    Lifetime("quarter", set_by="/set-quarter", lasts=HOUR, path="/quarter/", renewed_by=("/quarter/", HOUR / 4)): "",
    Lifetime("quarter", set_by="/set-quarter", lasts=HOUR, path="/quarter/", renewed_by=("/quarter/", MINUTE)): SOON(
        r"/quarter/ renews it \d minutes.* before its end, not only in the last 1 minute"
    ),
    Lifetime(
        "quarter", set_by="/set-quarter", lasts=HOUR, path="/quarter/", renewed_by=("/quarter/", 10 * MINUTE)
    ): EDGE(r"/quarter/ renews it (11 minutes|10 minutes 5\d seconds) before its end, not only in the last 10 minutes"),
    Lifetime("quarter", set_by="/set-quarter", lasts=HOUR, path="/quarter/", renewed_by=("/quarter/", HOUR / 2)): EDGE(
        r"/quarter/ does not renew it as the time begins in which it is to be renewed"
    ),
    Lifetime("id", set_by="/set-id?age=3600", lasts=HOUR, path="/restores/"): (
        HALF_WAY(r"a script of /restores/ sets it anew after its end, with the value that it had")
    ),
    aged("asks", "/"): UNVISITED(r"is set for /asks/, and not sent to /: declare path=\"/asks/\""),
    aged("missing", "/missing/"): SOON(r"GET /missing/ answered 404: name a page in path= or renewed_by="),
    aged("leads-away", "/leads-away/"): SOON(
        r"GET /leads-away/ led to /missing, which answered 404: name a page in path="
    ),
    aged("asks", "/asks/", deleted_by="/nowhere"): OUT(r"GET /nowhere answered 404: name a page in deleted_by="),
    Lifetime("grown", set_by="/late-refusal/first", lasts=HOUR, path="/plain/"): SOON(""),
    Lifetime("tardy", set_by="/tardy", lasts=HOUR, path="/plain/"): (
        UNVISITED(r"is never set by /tardy\. A page's script may set it later: use a function that waits for it\.")
    ),
    Lifetime("tardy", set_by=waiting_for_it, lasts=HOUR, path="/plain/"): UNVISITED(""),
    Lifetime("grown", set_by="/late-refusal/first", lasts=HOUR, renewed_by="/late-refusal/later", path="/plain/"): (
        SOON(
            r"is refused by the browser when GET /late-refusal/later sets it, .* have 5005 octets, and "
            r"browsers take 4096"
        )
    ),
}
PEOPLE = {
    person("/in"): "",
    person("/in", deleted_by="/out"): OUT(""),
    person("/in", deleted_by="/out-on-the-server"): OUT(""),
    person("/in-for-an-hour", HOUR): "",
    person("/in-remembered", deleted_by="/out"): (
        OUT(rf'/account still shows "{ADA}" once it was deleted: with .*"remember".* the browser was known to the site')
    ),
    person("/in-remembered", deleted_by="/out-of-all"): CLOSED(rf'/account still shows "{ADA}" after the browser was'),
    person("/in-by-the-server-for-15-minutes"): (
        LATER(
            rf'/account does not show "{ADA}" 20 minutes later, .*: the server ended it: the browser still '
            rf"sent the cookie"
        )
    ),
    person("/in-by-the-server-for-50-minutes", HOUR): (
        SOON(rf'/account does not show "{ADA}" in the last tenth of its time: the server ended it')
    ),
    person("/in", path="/hidden-account"): CLOSED(r"once it is set: the page ended it: the site still sends it"),
    person("/in", path="/titled-account/title"): CLOSED(
        r"does not show .* once it is set: it is only in its title, and not"
    ),
    person("/in", path="/titled-account/page"): CLOSED(""),
    # A token that ends after 15 minutes, without which the sign-out does nothing
    person("/in-with-a-token", HOUR, deleted_by="/out-with-a-token"): (
        OUT_LATE(
            rf'/account still shows "{ADA}" once it was deleted half-way to its end: GET /out-with-a-token answered 403'
        )
    ),
    person("/in-with-a-token", HOUR, deleted_by="/out-with-a-token-in-silence"): (
        OUT_LATE(rf'/account still shows "{ADA}" once it was deleted half-way to its end: no response deleted it')
    ),
    person("/in-with-a-token", HOUR, deleted_by="/out-with-a-token-in-silence", shows=None, path="/plain/"): (
        OUT_LATE(
            r"does not delete it half-way to its end: no response deleted it, and it lives on\. If it is "
            r"enough .* shows="
        )
    ),
    Lifetime("sid", set_by="/in-for-an-hour", lasts=HOUR, path="/account-that-ends-it"): (
        SOON(r"a visit to /account-that-ends-it in the last tenth of its time ends it")
    ),
    Lifetime("sid", set_by="/in", lasts=WITH_THE_BROWSER, deleted_by="/out-to-the-account", path="/account"): OUT(""),
    Lifetime("grown", set_by="/late-refusal/first?s", lasts=WITH_THE_BROWSER, path="/late-refusal/later?s"): (
        CLOSED(r"is refused by the browser when GET /late-refusal/later sets it")
    ),
    person("/in", shows=lambda page: page.get_by_text(ADA).is_visible()): CLOSED(r"returned True, which is no Locator"),
    # Only by a cookie's value
    Lifetime("id", set_by="/set-id", lasts=WITH_THE_BROWSER, path="/restores/"): (
        CLOSED(
            r"a script of /restores/ sets it anew after the browser was closed and opened again, with the "
            r"value that it had"
        )
    ),
    Lifetime("id", set_by="/set-id", lasts=WITH_THE_BROWSER, path="/constant"): CLOSED(""),
    Lifetime("open", set_by="/in-open", lasts=WITH_THE_BROWSER, path="/drawn-late/cookie", shows=ADA): CLOSED(""),
    Lifetime("open", set_by="/in-open", lasts=WITH_THE_BROWSER, path="/drawn-late/memory", shows=ADA): (
        CLOSED(rf'/drawn-late/memory still shows "{ADA}" after the browser was closed')
    ),
    person("/in", path="/refused/401"): CLOSED(""),
    person("/in", path="/refused/429"): CLOSED(r"GET /refused/429 answered 429: name a page in path="),
    person("/in", deleted_by=fails_before_its_visit): OUT(
        r'still shows "Signed in as Ada" once .*: fails_before_its_visit'
    ),
    person("/in", deleted_by=fails_before_its_visit, shows=None, path="/plain/"): (
        OUT(r"fails_before_its_visit failed: ValueError: no such button")
    ),
    Lifetime("spa", set_by="/spa#in", lasts=WITH_THE_BROWSER, path="/spa#me", deleted_by="/spa#out", shows=ADA): "",
    Lifetime("sid", set_by="/in", lasts=WITH_THE_BROWSER, path="/account"): CLOSED(""),
    # No cookie tells who is signed in: by a name nothing is judged.
    Lifetime("sid", set_by="/in-remembered", lasts=WITH_THE_BROWSER, path="/account", deleted_by="/out"): OUT(""),
    Lifetime("lang", set_by="/lang", lasts=WITH_THE_BROWSER, path="/lang"): CLOSED(""),
}
OFF_GUARD = {
    Lifetime("id", set_by="/set-id", lasts=WITH_THE_BROWSER, path="/plain/", deleted_by="/deleted-and-set-again"): (
        OUT(r"/deleted-and-set-again does not delete it: ")
    ),
    Lifetime("id", set_by="/set-id", lasts=WITH_THE_BROWSER, path="/plain/", deleted_by="/deleted-elsewhere"): (
        OUT(r"/deleted-elsewhere does not delete it: ")
    ),
    Lifetime("id", set_by="/set-id", lasts=WITH_THE_BROWSER, path="/goes-on-to-nowhere/script"): (
        CLOSED(r"GET /goes-on-to-nowhere/script led to /missing, which answered 404: name a page in path=")
    ),
    Lifetime("id", set_by="/set-id", lasts=WITH_THE_BROWSER, path="/goes-on-to-nowhere/refresh"): (
        CLOSED(r"GET /goes-on-to-nowhere/refresh led to /missing, which answered 404")
    ),
    person(
        "/in-for-an-hour-and-no-more",
        HOUR,
        path="/renews-only-the-cookie",
        renewed_by=("/renews-only-the-cookie", HOUR / 4),
    ): LAST(r"does not show .* just before the end to which it was renewed: the server ended it"),
    Lifetime("id", set_by="/set-id", lasts=WITH_THE_BROWSER, path="/restores-from-the-cache/"): (
        CLOSED(r"a script of /restores-from-the-cache/ sets it anew after .*, with the value that it had")
    ),
    Lifetime("id", set_by="/set-id?age=3600", lasts=HOUR, path="/restores-from-the-cache/"): (
        HALF_WAY(r"a script of /restores-from-the-cache/ sets it anew after its end, with the value that it had")
    ),
    Lifetime("id", set_by="/set-letters", lasts=WITH_THE_BROWSER, path="/restores/"): (
        CLOSED(r"a script of /restores/ sets it anew after .*, with the value that it had")
    ),
    aged("stream", "/stream/"): SOON(r"a visit to /stream/ soon after it was set renews it"),
    aged("stream", "/stream/", renewed_by="/stream/"): SOON(""),
    person("/in", path="/persistent-after-a-while"): LATER(
        r"a visit to /persistent-after-a-while 20 minutes later, .* an age"
    ),
    person("/in", path="/forbidden-but-shown"): CLOSED(r"/forbidden-but-shown still shows"),
    person("/in", path="/flash", deleted_by=does_nothing): CLOSED(r"/flash does not show .* when it is visited again"),
    **{
        Lifetime(f"n{n}", set_by=f"/set-id?name=n{n}", lasts=WITH_THE_BROWSER, path="/sixty/"): CLOSED("")
        for n in range(4)
    },
    Lifetime("id", set_by="/set-id", lasts=WITH_THE_BROWSER, path="/plain/"): CLOSED(""),
    Lifetime("tls", set_by="/https-only", lasts=WITH_THE_BROWSER, path="/plain/"): CLOSED(
        r"is never set by /https-only"
    ),
    Lifetime("secured", set_by="/to-https", lasts=WITH_THE_BROWSER, path="/plain/"): CLOSED(""),
    # A session that comes of a remember-me cookie ends with the browser, and is none of what that cookie promises.
    Lifetime(
        "remember",
        set_by="/in-remembered",
        lasts=timedelta(days=30),
        path="/account",
        shows=ADA,
        deleted_by="/out-of-all",
    ): "",
    person("/in", deleted_by="/out-by-a-form"): (OUT(r"GET /out-by-a-form answered 405")),
    person("/in", shows="Signed in as Adam"): CLOSED(
        r"does not show .* once it is set: .*\. Is that spelled as the page shows it\?"
    ),
    person("/in", path="/kept-by-the-page", deleted_by="/out"): CLOSED(r"still shows .*: the page kept it"),
}
BY_THEMSELVES = {
    # A person is known in one browser at a time.
    person("/in-only-here", deleted_by="/out"): "",
    person("/in-only-here-for-an-hour", HOUR, deleted_by="/plain/", path="/plain-account"): OUT(r"once it was deleted"),
    # Another host knows the browser.
    person("/silently/in", path="/silently/account", deleted_by="/silently/out-everywhere"): "",
    person("/silently/in", path="/silently/account", deleted_by="/silently/out-here"): (
        OUT(r"/silently/account still shows .* once it was deleted")
    ),
}
REACHING = {
    Lifetime("wide", set_by="/wide", lasts=WITH_THE_BROWSER, path="/plain/"): "",
    Lifetime("wide", set_by="/wide-by-a-script", lasts=WITH_THE_BROWSER, path="/plain/"): "",
    Lifetime("sibling", set_by="/to-a-sibling", lasts=WITH_THE_BROWSER, path="/plain/"): "",
    person("/in-remembered", deleted_by="/clears", path="/plain-account"): "",
}


@pytest.mark.timeout(seconds_for(len(VISITS)))
def test_a_step_is_a_visit(new_visitor: NewVisitor, clock: Clock) -> None:
    wrong = judged(VISITS, new_visitor, clock)
    assert not wrong, "\n".join(wrong)


@pytest.mark.timeout(seconds_for(len(PEOPLE)))
def test_who_is_signed_in_is_what_the_page_shows(new_visitor: NewVisitor, clock: Clock) -> None:
    wrong = judged(PEOPLE, new_visitor, clock)
    assert not wrong, "\n".join(wrong)


@pytest.mark.timeout(seconds_for(len(OFF_GUARD)))
def test_what_public_sites_do_is_judged_as_people_live_it(new_visitor: NewVisitor, clock: Clock) -> None:
    wrong = judged(OFF_GUARD, new_visitor, clock)
    assert not wrong, "\n".join(wrong)


@pytest.mark.timeout(seconds_for(5 * len(BY_THEMSELVES)))
def test_what_scenarios_would_share_gets_browsers_to_itself(new_visitor: NewVisitor, clock: Clock) -> None:
    wrong = judged(BY_THEMSELVES, new_visitor, clock)
    assert not wrong, "\n".join(wrong)


def test_who_is_known_in_one_browser_at_a_time_may_be_so_in_that_which_signs_out_late(
    new_visitor: NewVisitor, clock: Clock
) -> None:
    only_here = {person("/in-only-here-for-an-hour", HOUR, deleted_by="/out"): ""}
    wrong = judged(only_here, new_visitor, clock, [VisitedAtTheLastMoment(), DeletedLate()])
    assert not wrong, "\n".join(wrong)


def test_what_another_sign_in_has_hidden_is_judged_in_a_browser_to_itself(
    new_visitor: NewVisitor, clock: Clock
) -> None:
    """The first lifetime's late sign-out, which is broken, finds nobody signed in once the second one has signed in."""
    only_here = {
        person("/in-only-here-for-an-hour", HOUR, deleted_by="/out-early"): "still shows .* half-way to its end",
        person("/in-only-here", deleted_by="/out"): "",
    }
    wrong = judged(only_here, new_visitor, clock, [VisitedAtTheLastMoment(), DeletedLate()])
    assert not wrong, "\n".join(wrong)


def test_a_request_without_the_browser_is_told_how_the_page_asks(new_visitor: NewVisitor, clock: Clock) -> None:
    asked = Lifetime("sid", set_by=by_request, lasts=WITH_THE_BROWSER)
    text = prove([asked], new_visitor, clock, scenarios=[Deleted(), BrowserClosed()])[asked].text
    assert "by_request failed: Error: APIRequestContext.post" in text
    assert "have the page ask (visitor.page.evaluate(" in text


@pytest.mark.every_engine
def test_what_is_set_and_removed_in_one_visit_was_not_refused(new_visitor: NewVisitor, clock: Clock) -> None:
    declared = {
        Lifetime("id", set_by=f"/set-and/{how}", lasts=WITH_THE_BROWSER, path="/plain/"): (
            CLOSED(rf"is set by GET /set-and/{how}, and gone at once: {why}\.\n")
        )
        for how, why in {
            "clears": "GET /set-and/clears clears all cookies",
            "script": "no answer deletes it, so a script does",
            "fetch": "GET /fetched/deleted deletes it",
        }.items()
    }
    wrong = judged(declared, new_visitor, clock)
    assert not wrong, "\n".join(wrong)


def test_an_end_is_counted_from_when_it_was_set_however_late(new_visitor: NewVisitor, clock: Clock) -> None:
    late = Lifetime("late", set_by=waiting_until_it_is_late, lasts=HOUR, path="/plain/")
    assert prove([late], new_visitor, clock, scenarios=[LeftAlone()])[late].text == ""


def test_each_exchange_of_a_chain_that_touched_it_is_told(new_visitor: NewVisitor, clock: Clock) -> None:
    def told(deleted_by: str) -> list[str]:
        lifetime = person("/in", deleted_by=deleted_by, shows=None, path="/plain/")
        verdict = prove([lifetime], new_visitor, clock, scenarios=[Deleted()])[lifetime]
        assert "does not delete it: it lives on: " in verdict.text
        return re.findall(r"UTC  (GET /(?:out|picture).*)", verdict.text)

    assert told("/out-by-redirects/first") == [
        "GET /out-by-redirects/first: 302 to /out-by-redirects/then",
        "GET /out-by-redirects/then: 302 to /picture/, "
        "Set-Cookie: sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/elsewhere",
        "GET /picture/: 200",  # and not its picture
    ]
    assert told("/out-by-redirects/first-cleared") == [
        "GET /out-by-redirects/first-cleared: 302 to cleared",
        "GET /out-by-redirects/cleared: 302 to /picture/, Clear-Site-Data: cookies",
        "GET /picture/: 200",
    ]


def test_what_a_page_renews_as_it_is_left_is_declared_by_a_function_that_goes_on(
    new_visitor: NewVisitor, clock: Clock
) -> None:
    declared = {
        aged("beacon", "/beacon/", renewed_by=leaving_a_page_that_renews): "",
        aged("plain", "/plain/", renewed_by=visiting_twice): r"visiting_twice does not renew it soon after it was set",
    }
    wrong = judged(declared, new_visitor, clock)
    assert not wrong, "\n".join(wrong)


def test_what_a_page_renews_in_an_idle_callback_is_declared_by_a_function_that_waits(
    new_visitor: NewVisitor, clock: Clock
) -> None:
    declared = {
        aged("idle", "/idle/", renewed_by="/idle/"): r"/idle/ does not renew it soon after it was set",
        aged("idle", "/idle/", renewed_by=waiting_until_it_rests): "",
    }
    wrong = judged(declared, new_visitor, clock, [VisitedSoonAndLate()])
    assert not wrong, "\n".join(wrong)


def test_a_site_that_dies_later_spoils_the_verdict_on_none_but_its_own(new_visitor: NewVisitor, clock: Clock) -> None:
    others = {
        Lifetime(f"n{n}", set_by=f"/set-id?name=n{n}", lasts=WITH_THE_BROWSER, path="/plain/"): "" for n in range(2)
    }
    mortal = Lifetime("mortal", set_by="/dies-later", lasts=WITH_THE_BROWSER, path="/plain/")
    wrong = judged({**others, mortal: r"The site's process ended with exit code 3"}, new_visitor, clock)
    assert not wrong, "\n".join(wrong)


@pytest.mark.timeout(300)  # it takes a minute where nothing else runs
def test_what_reaches_beyond_its_own_host_spoils_no_other(new_visitor: NewVisitor, clock: Clock) -> None:
    others = {
        Lifetime(f"n{n}", set_by=f"/set-id?name=n{n}", lasts=WITH_THE_BROWSER, path="/plain/"): "" for n in range(2)
    }
    wrong = judged({**others, **REACHING, **{aged("plain", "/plain/"): "", person("/in"): ""}}, new_visitor, clock)
    assert not wrong, "\n".join(wrong)


def test_a_page_that_sets_more_cookies_than_a_browser_keeps_of_a_site_spoils_none(
    new_visitor: NewVisitor, clock: Clock
) -> None:
    crowded = [Lifetime(f"n{n}", set_by=f"/set-id?name=n{n}", lasts=WITH_THE_BROWSER, path="/crowd/") for n in range(8)]
    wrong = judged(dict.fromkeys(crowded, ""), new_visitor, clock)
    assert not wrong, "\n".join(wrong)


@pytest.mark.site("../apps/people.py:create_picky_app")
def test_a_site_that_knows_only_its_own_host_is_told_so_or_visited_there(new_visitor: NewVisitor, clock: Clock) -> None:
    at_home = {"path": "/plain/", "host": "shop.localhost"}
    declared: dict[Lifetime, str] = {
        Lifetime("id", set_by="/set-id", lasts=WITH_THE_BROWSER, path="/plain/"): (
            r"GET /set-id answered 400, but 200 at localhost\. It knows only its own host: have it .* "
            r'or declare host="localhost", by which each scenario gets a profile'
        ),
        Lifetime("moved", set_by="/moves/", lasts=WITH_THE_BROWSER, path="/plain/"): (
            r'GET /moves/ led to shop\.localhost\. It knows only its own host: .* declare host="shop\.localhost"'
        ),
        Lifetime("id", set_by="/set-id", lasts=WITH_THE_BROWSER, **at_home): "",
        Lifetime("id", set_by="/set-id?age=900", lasts=WITH_THE_BROWSER, **at_home): (
            r"is still sent after the browser was closed and opened again"
        ),
    }
    wrong = judged(declared, new_visitor, clock)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ({"renewed_by": ("/", 3600)}, "renewed_by=('/', 3600) is no step and a timedelta"),
        ({"renewed_by": ("/", timedelta(seconds=1))}, "is no step and a timedelta"),
        ({"shows": ""}, "shows='' is neither a text nor a function"),
        ({"host": "http://shop.localhost"}, 'is no host name: spell it "www.shop.localhost"'),
    ],
)
def test_what_makes_no_sense_is_refused(declared: dict[str, object], says: str) -> None:
    with pytest.raises(CookieproofError, match=re.escape(says)):
        Lifetime("c", set_by="/", lasts=HOUR, **declared)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "is_id"),
    [
        ("0123456789abcdef", True),
        ("0123456789abcde", False),
        ("qk3Jd0sLpXw", True),
        ("Europe/Copenhagen", True),
        ("en", False),
        ("", False),
    ],
)
def test_which_values_are_one_persons_and_no_others(value: str, is_id: bool) -> None:
    assert is_identity(value) == is_id


def test_a_page_that_does_not_answer_breaks_none_but_its_own_lifetime(new_visitor: NewVisitor, clock: Clock) -> None:
    people = {
        Lifetime("n1", set_by="/set-id?name=n1", lasts=WITH_THE_BROWSER, path="/plain/"): "",
        Lifetime("n2", set_by="/set-id?name=n2", lasts=WITH_THE_BROWSER, path="/never-still"): (
            "/never-still does not answer"
        ),
        Lifetime("n4", set_by="/set-id?name=n4&age=3600", lasts=HOUR, path="/plain/"): "",
    }

    def impatient(*, restores_session: bool | str = False) -> Visitor:
        visitor = new_visitor(restores_session=restores_session)
        visitor.context.set_default_navigation_timeout(5000)
        return visitor

    wrong = judged(people, impatient, clock, [BrowserClosed(), LeftAlone()])
    assert not wrong, "\n".join(wrong)
