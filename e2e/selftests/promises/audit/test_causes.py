"""What keeps rows from being judged is named by its true cause, once in full"""

from __future__ import annotations

import sys
from collections import Counter

import pytest

from cookieproof import Clock, NewVisitor, Site, Visitor
from cookieproof.promises.audit.audit import audit
from cookieproof.promises.audit.finding import Finding
from cookieproof.promises.audit.requirement import Requirement
from selftests.support.audited import declared
from selftests.support.requirements import (
    AGAIN,
    CACHED,
    COPIES,
    DECIDES,
    INVENTED,
    NEW,
    QUICK,
    SECURE,
    SIGNED_OUT,
    STAYS,
    told,
)

pytestmark = [pytest.mark.site("../../apps/audited.py:create_app"), pytest.mark.timeout(300)]
HURRY = 1000  # milliseconds


def at_an_error(visitor: Visitor) -> None:
    visitor.goto("/broken")
    visitor.page.get_by_text("Signed in as").wait_for(timeout=HURRY)


def at_another_host(visitor: Visitor) -> None:
    visitor.goto("/account")
    visitor.page.get_by_text("Signed in as").wait_for(timeout=HURRY)


def exiting(visitor: Visitor) -> None:
    sys.exit(3)


def rows(*names: str) -> list[Requirement]:
    return [each for each in QUICK if each.name.startswith(names)]


def test_where_a_sign_in_has_ended_is_said_first(site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    visitor = new_visitor()
    for step, host, said in (
        (at_an_error, "right", r"GET /broken answered 500, and that was its last page: at_an_error failed: "),
        (at_another_host, "over-another-host", "GET /authorize at provider.localhost answered 200, and that was its"),
        (exiting, "right", "exiting failed: sys.exit(3) ended it"),
    ):
        account = declared(host, sign_in=step)
        found = audit(account, site, lambda: visitor, clock, requirements=rows(SECURE, DECIDES, COPIES))
        assert {each.outcome for each in found.values()} == {"failed"}
        first, *others = found.values()
        assert first.text.startswith(said), first.text
        assert [each.text for each in others] == [first.sentence] * 2


def test_signing_out_that_ends_nothing_is_the_failure_of_one_row(
    site: Site, new_visitor: NewVisitor, clock: Clock
) -> None:
    def posting(visitor: Visitor) -> None:
        visitor.page.evaluate("document.querySelector('form[action=\"/logout\"]').requestSubmit()")
        visitor.page.get_by_role("link", name="Sign in").wait_for()

    account = declared("sign-out-does-nothing", sign_out=posting)
    said = told(audit(account, site, new_visitor, clock, requirements=rows(COPIES, STAYS, AGAIN, SIGNED_OUT)))
    why = "not decidable: not decidable: signing out ended nothing: /account still shows"
    still = "failed: after the sign-out the server still accepts a copy of the first visit and"
    assert said.pop(COPIES).startswith(still)
    assert len(said) == len([STAYS, AGAIN, SIGNED_OUT])
    assert all(each.startswith(why) for each in said.values()), said


def test_what_a_cache_answers_is_told_from_what_the_site_accepts(
    site: Site, new_visitor: NewVisitor, clock: Clock
) -> None:
    account = declared("cache-by-url", sign_out=None)
    said = told(audit(account, site, new_visitor, clock, requirements=rows(DECIDES, NEW, INVENTED, CACHED)))
    assert said.keys() == {DECIDES, next(each for each in said if each.startswith(CACHED))}
    assert said[DECIDES].startswith("failed: a cache gives the private answer to a request without the session")


def test_each_finding_is_told_as_soon_as_it_is_there(site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    heard: Counter[str] = Counter()

    def tell(requirement: Requirement, finding: Finding) -> None:
        heard[f"{requirement.name}: {finding.outcome}"] += 1

    audit(declared(), site, new_visitor, clock, requirements=rows(SECURE, DECIDES), tell=tell)
    assert heard == {f"{SECURE}: passed": 1, f"{DECIDES}: passed": 1}
