"""A session whose value changes with each request is judged as any other, as far as copies of it can be made"""

from __future__ import annotations

from dataclasses import replace

import pytest

from cookieproof import Clock, NewVisitor, Site
from cookieproof.cookies.exchange import Exchange
from cookieproof.promises.audit.audit import audit
from cookieproof.promises.audit.copies import Copy, Part, Witness, parts_of
from cookieproof.promises.audit.outside import Answer
from cookieproof.promises.audit.renewals import Renewals
from selftests.support.audited import declared, out_of_storage
from selftests.support.requirements import (
    COPIES,
    DECIDES,
    GUESSED,
    HTTPS,
    IDLE,
    LOOKING,
    NEW,
    POLICY,
    QUICK,
    SCRIPTS,
    STORED,
    URL,
    WAY,
    told,
)

pytestmark = [pytest.mark.site("../../apps/audited.py:create_app"), pytest.mark.timeout(600)]
BY_TOKEN = {"private": "/app", "sign_out": out_of_storage, "change": None}


def judged(breaks: str, rows: tuple[str, ...], *about: object, **declares: object) -> dict[str, str]:
    """What is not passed of the rows that only look, and of these."""
    asked = [each for each in QUICK if each in LOOKING or each.name.startswith(rows)]
    site, new_visitor, clock = about
    return told(audit(declared(breaks, **declares), site, new_visitor, clock, requirements=asked))  # type: ignore[arg-type]


def test_a_cookie_that_changes_is_followed(site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    assert judged("rotates", (COPIES, NEW, IDLE, GUESSED), site, new_visitor, clock) == {}


def test_what_is_followed_is_ended(site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    said = judged("rotates--sign-out-by-cookie--no-idle", (COPIES, IDLE), site, new_visitor, clock)
    assert said.keys() == {COPIES, IDLE}
    assert said[COPIES].startswith("failed: after the sign-out the server still accepts a copy")
    assert said[IDLE].startswith("failed: the server still accepts the session 10 seconds after")


def test_an_answer_that_brings_a_token_each_time_tells(site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    said = judged("token--slides", (COPIES,), site, new_visitor, clock, **BY_TOKEN)
    assert said.keys() == {SCRIPTS}


def test_rows_that_need_no_copy_are_judged_without(site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    """A token that each answer replaces cannot be followed."""
    rows = (COPIES, NEW, WAY, HTTPS)
    said = judged("token--used-up--no-referrer-policy--no-hsts", rows, site, new_visitor, clock, **BY_TOKEN)
    why = "not decidable: not decidable: the session's value changes with each request, so a copy of it is used up"
    assert said[DECIDES].startswith(why)
    assert said[COPIES].startswith(why)
    assert said[HTTPS].startswith("failed: ")
    assert said[POLICY].startswith("warning: ")
    assert said[SCRIPTS].startswith("warning: the session is header")
    assert said[WAY].startswith("warning: ")
    assert not said.keys() & {URL, STORED}


def test_a_value_is_followed_to_the_last() -> None:
    renewals = Renewals()
    told_of = []
    renewals.tell(lambda *what: told_of.append(what))
    renewals.learn([("id", "1"), ("other", "x")], [("id", "2")])
    assert renewals.last("id", "1") == "1"  # what somebody has copied is what it was
    renewals.follow(True)
    renewals.learn([("id", "2")], [("id", "3")])
    assert (renewals.last("id", "1"), renewals.last("other", "x")) == ("3", "x")
    assert told_of == [("id", "2", "3")]


def test_a_deletion_gives_nothing() -> None:
    set_cookies = ("id=2; Path=/", "old=; Max-Age=0", "older=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT")
    answer = Answer(200, tuple(("Set-Cookie", each) for each in set_cookies), "")
    assert [each.name for each in answer.set_cookies] == ["id", "old", "older"]
    assert answer.given == [("id", "2")]
    # A deletion by the site's clock, which is far ahead.
    headers = {"Date": "Fri, 01 Jan 2100 00:00:00 GMT", "Set-Cookie": "id=; Expires=Thu, 31 Dec 2099 00:00:00 GMT"}
    assert Answer(200, tuple(headers.items()), "").given == []


class Asking:
    """Takes what is sent, as ``Outside`` does."""

    def __init__(self) -> None:
        self.renewals, self.sent = Renewals(), ""

    def ask(self, method: str, origin: str, target: str, headers: object) -> Answer:
        self.sent = dict(headers).get("Cookie", "")  # type: ignore[call-overload]
        return Answer(200, (), "")


def test_two_cookies_of_one_name_are_sent_as_they_were(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor()
    visitor.goto("/")
    [first, *_] = visitor.wire
    exchange: Exchange = replace(first, asked=(("Cookie", "id=of the path; theme=dark; id=of all"),))
    copy = Copy(exchange, "http://x", Witness("GET", "/", "status", Answer(200, (), "")), parts_of(exchange))
    asking, part = Asking(), Part("cookie", "id")
    for how, sent in (
        ({}, "id=of the path; theme=dark; id=of all"),
        ({"only": [part]}, "id=of the path; id=of all"),
        ({"put": {part: "new"}}, "id=new; theme=dark; id=new"),
    ):
        copy.sent(asking, **how)  # type: ignore[arg-type]
        assert asking.sent == sent
    assert copy.value(part) == "of the path"
    copy.having({"theme": "light", "new": "x"}).sent(asking)  # type: ignore[arg-type]
    assert asking.sent == "id=of the path; theme=light; id=of all"
