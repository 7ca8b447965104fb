"""Requirements that are judged alone, at sites that break them in ways that are easily missed, and at right ones"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from cookieproof import Clock, NewVisitor, Site, Visitor
from cookieproof.promises.audit.audit import audit
from selftests.promises.audit.test_requirements import (
    FORGED,
    HTTPS,
    IDLE,
    IN_USE,
    NEW,
    POLICY,
    QUICK,
    REMEMBERED,
    SIGNED_OUT,
    STAYS,
    STORED,
    WAY,
)
from selftests.support.audited import declared, over_another_host

pytestmark = [pytest.mark.site("../../apps/audited.py:create_app"), pytest.mark.timeout(300)]


def confirming(visitor: Visitor) -> None:
    visitor.page.get_by_role("link", name="Sign out").click()
    visitor.page.get_by_role("button", name="Sign out").click()
    visitor.page.get_by_role("link", name="Sign in").wait_for()


NULL = "once the page names no origin (Origin: null, and no Referer)"
CASES: dict[str, dict[str, list[tuple[str, str]]]] = {
    "what stays": {
        STAYS: [
            ("keeps-markup", "failed: after the sign-out a cache of the page's still has what is private"),
            (
                "keeps-profile",
                'warning: after the sign-out "kept" in local storage has what only the signed-in',
            ),
            ("keeps-theme", "passed: "),
        ]
    },
    "signed out by others": {
        SIGNED_OUT: [
            (
                "open-way-out--samesite-none",
                "warning: a form on a page of another site, to /logout, signs",
            ),
            ("open-way-out", "warning: only the cookie's SameSite keeps a form on a page of another site, to /logout,"),
            ("samesite-none", "passed: "),
        ]
    },
    "forged": {
        FORGED: [
            (
                "null-origin--samesite-none",
                f"failed: the form without its token from another site is accepted, {NULL}",
            ),
            ("null-origin", "warning: only the cookie's SameSite keeps the form without its token of another site"),
            (
                "no-referer--samesite-none",
                f"failed: the form without its token from another site is accepted, {NULL}",
            ),
            ("samesite-none", "passed: "),
        ]
    },
    "idle": {
        IDLE: [
            (
                "idle-from-sign-in",
                "failed: the server has ended the session 10 seconds before it has been idle for 30 minutes "
                "again: what counts is the sign-in",
            ),
            (
                "cookie-of-ten-minutes",
                "failed: the browser has ended the session 10 seconds before it has been idle for 30 minutes: "
                "the cookie",
            ),
            (
                "cookie-from-sign-in",
                "failed: the browser has ended the session 10 seconds before it has been idle for 30 minutes "
                "again: what counts is the sign-in, so somebody busy is signed out: the cookie",
            ),
            ("outlives-browser", "passed: "),
        ]
    },
    "remembered": {
        REMEMBERED: [
            ("remember-cookie-of-a-week", 'failed: the browser drops "__Host-remember" after 7 days, and 30 days are'),
            ("remember-rotates", "passed: "),
            ("remember-rotates--remembers-longer", "failed: 10 seconds after 30 days are over the server still"),
        ]
    },
    "signed in again": {
        NEW: [
            ("keeps-first-session", "warning: signing in again in the same browser leaves the session before alive"),
            ("over-another-host", "passed: signing in again was not tried"),
        ]
    },
    "in use": {
        IN_USE: [
            ("refreshes", "failed: the server still accepts the session 10 seconds after 8 hours, since it was used"),
            ("keeps-theme", "passed: "),
        ]
    },
    "read": {
        STORED: [
            ("redirect-with-data", "failed: the answer of GET /welcome"),
            ("page-on-the-way", "failed: the answer of GET /welcome"),
        ],
        POLICY: [("whole-urls", "failed: the Referrer-Policy of GET /")],
        HTTPS: [
            ("hsts-not-on-404", "failed: GET /there-is-no-such-page, a missing page, has no Strict-Transport-Security"),
            ("hsts-not-on-sign-out", "failed: POST /logout"),
        ],
        WAY: [
            ("faint-way-out", "warning: no visible link or form on /account leads to POST /logout"),
            ("far-way-out", "warning: no visible link or form on /account leads to POST /logout"),
            ("button-leads-out", "passed: "),
            ("asks-before", "passed: by /logout, from where sign_out signs out"),
        ],
    },
}
DECLARED: dict[str, dict[str, Any]] = {
    "asks-before": {"sign_out": confirming},
    "over-another-host": {"sign_in": over_another_host},
    "button-leads-out": {"sign_out": lambda visitor: visitor.page.get_by_role("button", name="Sign out").click()},
}


@pytest.mark.parametrize("what", CASES)
def test_each_is_found(what: str, site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    visitor, said = new_visitor(), {}
    for row, sites in CASES[what].items():
        asked = [each for each in QUICK if each.name.startswith(row)]
        needs = {name for each in asked for name in each.needs}
        for name, begins in sites:
            spared = {} if "sign_out" in needs or row in (HTTPS, POLICY) else {"sign_out": None}
            account = declared(name, **{**spared, **DECLARED.get(name, {})})
            [found] = audit(account, site, lambda: visitor, clock, requirements=asked).values()
            if not re.match(re.escape(begins), f"{found.outcome}: {found.sentence}"):
                said[name] = f"{found.outcome}: {found.text}"
    assert not said, json.dumps(said, indent=1)
