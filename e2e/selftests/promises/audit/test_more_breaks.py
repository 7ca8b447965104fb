"""What sites break in ways that are easily missed is found, and what looks like it is not"""

from __future__ import annotations

import json
from typing import Any

import pytest

from cookieproof import Clock, NewVisitor, Site, Visitor
from cookieproof.promises.audit.audit import audit
from selftests.support.audited import declared, over_another_host
from selftests.support.requirements import (
    FORGED,
    HTTPS,
    IDLE,
    IN_USE,
    LOOKING,
    NEW,
    NOT_REMEMBERED,
    POLICY,
    QUICK,
    REMEMBERED,
    SIGNED_OUT,
    STAYS,
    STORED,
    WAY,
    told,
)

pytestmark = [pytest.mark.site("../../apps/audited.py:create_app"), pytest.mark.timeout(300)]


def confirming(visitor: Visitor) -> None:
    visitor.page.get_by_role("link", name="Sign out").click()
    visitor.page.get_by_role("button", name="Sign out").click()
    visitor.page.get_by_role("link", name="Sign in").wait_for()


SIGN_IN_BY_A_SCRIPT = """async () => {
  const page = new DOMParser().parseFromString(await (await fetch("/login")).text(), "text/html");
  const body = new URLSearchParams({name: "ada", token: page.querySelector("[name=token]").value});
  await fetch("/login", {method: "POST", body, redirect: "manual"});
  document.querySelector("p").textContent = "Signed in as Ada";
}"""
NULL = "once the page names no origin (Origin: null, and no Referer)"
# What one site breaks, by labels of its host; the rows that are judged there, and how what is found begins.
SITES: list[tuple[str, dict[str, str]]] = [
    (
        "keeps-markup--open-way-out--samesite-none--null-origin.idle-from-sign-in--remember-cookie-of-a-week."
        "keeps-first-session--redirect-with-data.whole-urls--hsts-not-on-404--faint-way-out",
        {
            STAYS: "failed: after the sign-out a cache of the page's still has what is private",
            SIGNED_OUT: "warning: a form on a page of another site, to /logout, signs",
            FORGED: f"failed: the form without its token from another site is accepted, {NULL}",
            IDLE: "failed: the server has ended the session 10 seconds before it has been idle for 30 minutes again: "
            "what counts is the sign-in",
            REMEMBERED: 'failed: the browser drops "__Host-remember" after 7 days, and 30 days are',
            NEW: "warning: signing in again in the same browser leaves the session before alive",
            STORED: "failed: the answer of GET /welcome",
            POLICY: "failed: the Referrer-Policy of GET /",
            HTTPS: "failed: GET /there-is-no-such-page, a missing page, has no Strict-Transport-Security",
            WAY: "warning: no visible link or form on /account leads to POST /logout",
        },
    ),
    (
        "keeps-profile--open-way-out--null-origin.cookie-of-ten-minutes--refreshes--remember-rotates.page-on-the-way--"
        "hsts-not-on-sign-out--far-way-out",
        {
            STAYS: 'warning: after the sign-out "kept" in local storage has what only the signed-in',
            SIGNED_OUT: "warning: only the cookie's SameSite keeps a form on a page of another site, to /logout,",
            FORGED: "warning: only the cookie's SameSite keeps the form without its token of another site",
            IDLE: "failed: the browser has ended the session 10 seconds before it has been idle for 30 minutes: the "
            "cookie",
            REMEMBERED: "passed: ",
            IN_USE: "failed: the server still accepts the session 10 seconds after 8 hours, since it was used",
            STORED: "failed: the answer of GET /welcome",
            HTTPS: "failed: POST /logout",
            WAY: "warning: no visible link or form on /account leads to POST /logout",
        },
    ),
    (
        "keeps-theme--samesite-none--no-referer--cookie-from-sign-in.remember-rotates--remembers-longer--asks-before",
        {
            STAYS: "passed: ",
            SIGNED_OUT: "passed: ",
            FORGED: f"failed: the form without its token from another site is accepted, {NULL}",
            IDLE: "failed: the browser has ended the session 10 seconds before it has been idle for 30 minutes again: "
            "what counts is the sign-in, so somebody busy is signed out: the cookie",
            REMEMBERED: "failed: 10 seconds after 30 days are over the server still",
            IN_USE: "passed: ",
            WAY: "passed: by /logout, from where sign_out signs out",
        },
    ),
    (
        "samesite-none--outlives-browser--button-leads-out",
        {FORGED: "passed: ", IDLE: "passed: ", WAY: "passed: "},
    ),
    ("over-another-host", {NEW: "passed: signing in again was not tried"}),
]
DECLARED: dict[str, dict[str, Any]] = {
    "asks-before": {"sign_out": confirming},
    "over-another-host": {"sign_in": over_another_host, "sign_out": None},
    "button-leads-out": {"sign_out": lambda visitor: visitor.page.get_by_role("button", name="Sign out").click()},
}


@pytest.mark.parametrize(
    ("breaks", "rows"),
    [pytest.param(*each, marks=pytest.mark.every_engine if "keeps-markup" in each[0] else ()) for each in SITES],
    ids=[breaks.partition("--")[0] for breaks, _ in SITES],
)
def test_each_is_found(breaks: str, rows: dict[str, str], site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    declares = {name: value for each in DECLARED if each in breaks for name, value in DECLARED[each].items()}
    asked = [each for each in QUICK if each.name.startswith(tuple(rows))]
    found = audit(declared(breaks, **declares), site, new_visitor, clock, requirements=asked)
    said = {name.partition(" ")[2]: f"{each.outcome}: {each.sentence}" for name, each in found.items()}
    by_row = {row: next(text for name, text in said.items() if name.startswith(row)) for row in rows}
    wrong = {row: text for row, text in by_row.items() if not text.startswith(rows[row])}
    assert not wrong, json.dumps(wrong, indent=1)


def by_a_script(visitor: Visitor) -> None:
    """Sign in on the private page itself, which another visit draws by a request that only the signed-in get so."""
    visitor.goto("/app")
    visitor.page.get_by_text("Nobody is signed in").wait_for()
    visitor.page.evaluate(SIGN_IN_BY_A_SCRIPT)


def test_a_page_that_signs_in_by_a_script_is_visited_then(site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    account = declared(sign_in=by_a_script, private="/app", sign_out=None, change=None, another=None, **NOT_REMEMBERED)
    assert told(audit(account, site, new_visitor, clock, requirements=LOOKING)) == {}
