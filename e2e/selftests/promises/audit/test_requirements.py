"""Each requirement of the audit is kept by a right site, and broken by the sites that break it, and by no others"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from cookieproof import Clock, NewVisitor, Site
from cookieproof.promises.audit.audit import audit
from cookieproof.promises.audit.finding import Finding
from cookieproof.promises.audit.requirements import REQUIREMENTS
from cookieproof.promises.audit.requirements.a_value_cannot_be_guessed import AValueCannotBeGuessed
from cookieproof.promises.audit.requirements.it_ends_with_the_browser import ItEndsWithTheBrowser
from selftests.support.audited import (
    declared,
    out_of_storage,
    out_over_another_host,
    over_another_host,
    sign_out_elsewhere,
)
from selftests.support.requirements import (
    AGAIN,
    ANOTHER,
    AT_A_TIME,
    BROWSER,
    CACHED,
    COPIES,
    DECIDES,
    EXPIRED,
    FORGED,
    FORGETS,
    GET,
    GUESSED,
    HTTP,
    HTTPS,
    IDLE,
    IN_USE,
    INVENTED,
    LOOKING,
    NEW,
    NONE,
    NOT_REMEMBERED,
    OTHER,
    OWN_KEY,
    PASSWORD,
    PLAIN,
    PLANTED,
    POLICY,
    PREFIX,
    QUICK,
    REMEMBERED,
    RESET,
    SAME_SITE,
    SCRIPTS,
    SECURE,
    SIGNED_OUT,
    STAYS,
    STORED,
    TOKENS,
    TOLD,
    URL,
    VERIFIED,
    WAY,
    told,
)

pytestmark = [pytest.mark.site("../../apps/audited.py:create_app"), pytest.mark.timeout(600)]

# By what the site breaks: the requirements that are not passed, and how what is found begins.
BROKEN: dict[str, dict[str, str]] = {
    "sign-out-by-cookie": {COPIES: "failed: after the sign-out the server still accepts a copy of the first visit and"},
    "keeps-private-data": {STAYS: 'failed: after the sign-out "profile" in local storage has what is private'},
    "no-no-store": {
        STAYS: 'failed: after the sign-out Back shows "Signed in as Ada" again, from the browser\'s cache',
        STORED: "failed: the answer to GET /account is private and not no-store",
    },
    "remember-survives": {FORGETS: "failed: after the sign-out the server still accepts a copy of what remembers"},
    "value-in-url": {
        URL: "failed: the session's value stands in the Location of POST /login",
        SCRIPTS: "failed: the session's value stands in the body of POST /login",  # the page of a redirect
    },
    "query": {URL: "failed: the server accepts the session's value in the query, as session="},
    "server-cache": {
        DECIDES: "failed: the server gives the private answer to a request without the session",
        CACHED: "failed: GET /account gives somebody without a session the private answer",
    },
    "no-referrer-policy": {POLICY: "warning: GET /"},
    "no-hsts": {HTTPS: "failed: "},
    "hsts-not-on-redirects": {HTTPS: "failed: POST /login at"},
    "hsts-short": {HTTPS: "failed: "},
    "hsts-without-subdomains": {HTTPS: "warning: Strict-Transport-Security is without includeSubDomains"},
    "http": {HTTP: "warning: http is answered with "},
    "no-idle": {IDLE: "failed: the server still accepts the session 10 seconds after it has been idle for 30 minutes"},
    "idle-by-cookie": {
        IDLE: "failed: the server still accepts the session 10 seconds after it has been idle for 30 minutes",
        BROWSER: 'failed: /account still shows "Signed in as Ada" after the browser was closed and opened again',
    },
    "polls": {IDLE: "warning: /account asks by itself for GET /me, which keeps the session alive as long as"},
    "no-no-store-api": {
        STORED: "failed: the answer to GET /me is private and not no-store",
        STAYS: 'failed: after the sign-out Back shows "Signed in as Ada" again, from the',
    },
    "ends-newest-only": {COPIES: "failed: after the sign-out the server still accepts a copy of the first visit"},
    "cache-for-signed-in": {
        ANOTHER: 'failed: /account shows "Signed in as Ada" to the second account too, and it came'
    },
    "letters-of-anyone": {ANOTHER: "failed: GET /letters/bob gives the first account what only the second one sees"},
    "api-cached-in-browser": {
        ANOTHER: 'failed: /app shows "Signed in as Ada" to the second account too',
        STORED: "failed: the answer to GET /me is private and not no-store",
    },
    "page-cached-in-browser": {
        STORED: "failed: the answer to GET /account is private and not no-store",
        STAYS: 'failed: after the sign-out Back shows "Signed in as Ada" again, from the browser\'s cache',
        COPIES: 'failed: after the sign-out /account still shows "Signed in as Ada" in the same browser',
        AGAIN: 'failed: after the sign-out a visit to /account shows "Signed in as Ada"',
        BROWSER: 'failed: /account still shows "Signed in as Ada" after the browser was closed',
    },
    "no-absolute": {IN_USE: "failed: the server still accepts the session 10 seconds after 8 hours"},
    "absolute-reset": {IN_USE: "failed: the server still accepts the session 10 seconds after 8 hours"},
    "outlives-browser": {BROWSER: 'failed: /account still shows "Signed in as Ada" after the browser was closed'},
    "remembers-longer": {REMEMBERED: "failed: 10 seconds after 30 days are over the server still remembers"},
    "no-way-out": {WAY: "warning: no visible link or form on /account leads to POST /logout"},
    "get-sign-out": {SIGNED_OUT: "warning: a link on a page of another site, to /logout, signs somebody out"},
    "no-secure--no-prefix": {
        SECURE: 'failed: the cookie "id" is held without Secure',
        HTTP: 'failed: the browser sends cookie "id" over http too',
        PREFIX: 'warning: the name of "id" does not begin with __Host-',
        PLANTED: "warning: a page of other.no-secure--no-prefix.localhost had set",
    },
    "no-prefix": {
        SECURE: 'warning: the name of "id" and "remember" begins with neither __Host- nor __Secure-',
        PREFIX: 'warning: the name of "id" and "remember" does not begin with __Host-',
        PLANTED: "warning: a page of other.no-prefix.localhost had set",
    },
    "no-httponly": {SCRIPTS: 'failed: the cookie "__Host-id" is held without HttpOnly'},
    "value-in-page": {SCRIPTS: "failed: the session's value stands in the body of GET /account"},
    "no-samesite": {SAME_SITE: 'failed: the cookie "__Host-id" is set without SameSite'},
    "samesite-none": {SAME_SITE: 'warning: the cookie "__Host-id" is set with SameSite=None'},
    "keeps-value": {NEW: 'failed: the cookie "__Host-id" has the same value after the sign-in as before it'},
    "adopts-value": {
        NEW: 'failed: the cookie "__Host-id" has the same value after the sign-in as before it',
        INVENTED: 'failed: the cookie "__Host-id" has the value that was planted before the sign-in',
    },
    "old-value-works": {NEW: 'failed: the value that the cookie "__Host-id" had before the sign-in is still accepted'},
    "counter": {GUESSED: 'failed: the value of the cookie "__Host-id" can be guessed: it counts up'},
    "short-value": {GUESSED: 'failed: the value of the cookie "__Host-id" can be guessed: what differs'},
    "static-value": {
        OTHER: 'failed: two sign-ins gave the same cookie "__Host-id"',
        GUESSED: 'failed: the value of the cookie "__Host-id" can be guessed: one value came twice',
    },
    "csrf": {FORGED: "warning: only the cookie's SameSite keeps the form without its token"},
    "csrf--samesite-none": {
        FORGED: "failed: the form without its token from another site is accepted",
        SAME_SITE: 'warning: the cookie "__Host-id" is set with SameSite=None',
    },
    "any-token": {FORGED: "warning: only the cookie's SameSite keeps the form with another session's token"},
    "plain-text": {PLAIN: "warning: only the cookie's SameSite keeps the form as text/plain"},
    "change-by-get": {GET: "failed: the form by GET from another site is accepted"},
    "password-keeps-sessions": {PASSWORD: "warning: another session lives on after the password was changed"},
    "reset-signs-in": {RESET: 'failed: a password reset that was only begun shows "Signed in as Ada"'},
    "jwt": {},
    "jwt--unverified": {
        DECIDES: 'failed: the server accepts the cookie "__Host-id" with a changed value',
        VERIFIED: 'failed: the token in the cookie "__Host-id" is accepted with a changed claim',
        NONE: 'failed: the token in the cookie "__Host-id" is accepted without a signature',
        OWN_KEY: 'failed: the token in the cookie "__Host-id" is accepted with a key that it brings',
    },
    "jwt--no-exp-check": {EXPIRED: 'failed: the token in the cookie "__Host-id" is accepted after its exp'},
    "jwt--none": {NONE: 'failed: the token in the cookie "__Host-id" is accepted without a signature'},
    "jwt--own-key": {OWN_KEY: 'failed: the token in the cookie "__Host-id" is accepted with a key that it brings'},
    "jwt--no-expiry": {EXPIRED: 'warning: the token in the cookie "__Host-id" has no exp'},
    "one-at-a-time": {
        AT_A_TIME: "failed: of 2 sessions at a time, which are promised, the oldest has ended",
        PASSWORD: "not decidable: not decidable: the site has ended the other session",
    },
    "bound-to-user-agent": {},
}
# What shows in other rows too, in ways that depend on what else is broken: these are judged apart, in their rows.
ALONE = (
    ("server-cache",),
    ("page-cached-in-browser",),
    ("api-cached-in-browser",),
    ("no-no-store-api",),
    ("static-value", "csrf--samesite-none"),
    ("jwt--unverified", "get-sign-out"),
    ("no-secure--no-prefix", "csrf", "ends-newest-only"),
)
BY_API = {"private": "/app", "sign_out": sign_out_elsewhere, "change": None}
DECLARED = {"no-no-store-api": BY_API, "api-cached-in-browser": BY_API}
# One of these would hide what another of the same line breaks, or what it breaks would look otherwise.
APART = (
    {"token": ("jwt",), "own": ("counter", "short-value", "keeps-value", "adopts-value")},
    {"sent": ("any-token", "plain-text"), "sent from anywhere": ("no-samesite", "samesite-none")},
    {"adopted": ("adopts-value",), "planted": ("no-prefix",)},
    {"not ended": ("sign-out-by-cookie",), "lasting": ("outlives-browser", "idle-by-cookie")},
    {"the newest only": ("one-at-a-time",), "an older one, too": ("old-value-works",)},
)


def kinds(name: str) -> list[str]:
    """Of which kind the site is, in each line of ``APART``; an empty text if of none."""
    return [next((kind for kind, names in line.items() if name.startswith(names)), "") for line in APART]


def fit(one: str, other: str) -> bool:
    """Whether one site can break what both do, so that each is seen."""
    is_apart = any(len({*both} - {""}) > 1 for both in zip(kinds(one), kinds(other), strict=True))
    return not BROKEN[one].keys() & BROKEN[other].keys() and not is_apart


def grouped(names: Sequence[str]) -> list[list[str]]:
    """Put the sites into groups of about one size, in which any two fit."""
    groups: list[list[str]] = [[] for _ in range(GROUP_COUNT)]
    for name in sorted(names, key=lambda name: not kinds(name)[0]):
        fitting = [group for group in groups if all(fit(name, other) for other in group)]
        (fitting[0] if kinds(name)[0] else min(fitting, key=len)).append(name)
    return groups


GROUP_COUNT = 4
GROUPS = grouped([each for each in BROKEN if not any(each in names for names in ALONE)])


def wrong(names: Sequence[str], found: Mapping[str, Finding]) -> dict[str, str]:
    """What was found, at a site that breaks what all of these do, that is not as it should be; by the row."""
    said = told(found)
    wanted = {row: text for name in names for row, text in BROKEN[name].items()}
    rows = {next((each for each in wanted if name.startswith(each)), name): text for name, text in said.items()}
    missing = {row: f"missing: {text}" for row, text in wanted.items() if row not in rows}
    return missing | {row: text for row, text in rows.items() if not re.match(pattern(wanted.get(row, "-")), text)}


def pattern(begins: str) -> str:
    """For a site that breaks more than one thing: the session's cookie, and the site, may have another name there."""
    any_site = re.sub(r"other\\\..*?localhost", r"other\\..*localhost", re.escape(begins))
    return any_site.replace(r'"__Host\-id"', '"id"').replace('"id"', '"(__Host-)?id"')


# What a site may do that looks wrong, and is not: how it is declared.
RIGHT: dict[str, dict[str, Any]] = {
    "drawn by a script from an API": {"private": "/app", "sign_out": sign_out_elsewhere},
    "kept in storage": {"private": "/app", "sign_out": out_of_storage, "host": "token.localhost"},
    "signed in over another host": {
        "sign_in": over_another_host,
        "sign_out": out_over_another_host,
        "host": "over-another-host.localhost",
    },
    "known by either of two cookies": {"host": "either.localhost"},
    "one session at a time, a token": {"host": "one-at-a-time--jwt.localhost", "concurrent": False},
    "shown by a locator": {"shows": lambda page: page.get_by_role("button", name="Change")},
    "a load balancer's suffix, and a page that asks for what is public": {"host": "suffix--polls-elsewhere.localhost"},
}
# What is passed there, and said all the same: of which row. On a busy machine fewer values come in time, up to 8.
SAID: dict[str, tuple[str, str]] = {
    "drawn by a script from an API": (GUESSED, r"[4-8] values \([1-6] by replayed requests\) showed no weakness"),
    "kept in storage": (GUESSED, r"[4-8] values \([1-6] by replayed requests\) showed no weakness"),
    "signed in over another host": (GUESSED, r"[4-8] values \(all by the page\) showed no weakness"),
    "known by either of two cookies": (TOLD, "nothing was read in it"),
    "one session at a time, a token": (
        TOLD,
        r'information: the cookie "__Host-id" can be read as a JSON .*: sub="ada"',
    ),
    "a load balancer's suffix, and a page that asks for what is public": (
        DECIDES,
        'information: the server ignores "node1" in the cookie "__Host-id", as it may: that is no secret',
    ),
}
BESIDE = [AValueCannotBeGuessed(8) if isinstance(each, AValueCannotBeGuessed) else each for each in REQUIREMENTS]


def test_no_false_alarm(site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    visitor, said = new_visitor(), {}
    for what, declares in RIGHT.items():
        row, text = SAID.get(what, (DECIDES, ""))
        needed = (COPIES, NEW, AT_A_TIME, row, *([IDLE] if "asks" in what else []))
        asked = [each for each in BESIDE if each in LOOKING or each.name.startswith(needed)]
        account = declared(**{"change": None, **NOT_REMEMBERED, **declares})
        found = audit(account, site, lambda: visitor, clock, requirements=asked)
        said[what] = told(found)
        beside = next(each.text for name, each in found.items() if name.partition(" ")[2].startswith(row))
        assert re.match(text, beside), (what, beside)
    polls = next(each.text for name, each in found.items() if IDLE in name)
    assert polls.startswith("/account asks by itself for GET /, which does not keep the session alive")
    warned = said["kept in storage"].pop(SCRIPTS)
    assert warned.startswith('warning: the session is header "authorization", which the page keeps where its scripts')
    assert not any(said.values()), said


@pytest.mark.parametrize("group", GROUPS, ids=["-".join(each[:2]) for each in GROUPS])
def test_sites_fail_in_what_they_break_and_in_nothing_else(
    group: list[str], site: Site, new_visitor: NewVisitor, clock: Clock
) -> None:
    """All rows are judged, at a site that breaks what each of the group breaks."""
    found = audit(declared(".".join(group)), site, new_visitor, clock, requirements=QUICK)
    said = wrong(group, found)
    assert not said, json.dumps(said, indent=1)


def test_each_other_site_fails_in_what_it_breaks(site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    visitor, said = new_visitor(), {}
    for names in ALONE:
        rows = tuple(row for name in names for row in BROKEN[name])
        asked = [each for each in QUICK if each in LOOKING or each.name.startswith(rows)]
        account = declared(".".join(names), **NOT_REMEMBERED, **DECLARED.get(names[0], {}))
        said[names[0]] = wrong(names, audit(account, site, lambda: visitor, clock, requirements=asked))
    assert not any(said.values()), json.dumps(said, indent=1)


@pytest.mark.whole_browser
def test_a_browser_that_continues_keeps_the_session(site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    [found] = audit(declared(), site, new_visitor, clock, requirements=[ItEndsWithTheBrowser()]).values()
    assert found.outcome == "warning", found.text
    assert found.text.startswith('/account still shows "Signed in as Ada" in a browser that continues where it was')


@pytest.mark.every_engine
def test_a_right_site_keeps_all(site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    visitor = new_visitor()
    found = audit(declared(), site, lambda: visitor, clock, requirements=QUICK)
    if visitor.engine.restoring:  # what such a browser keeps is no site's doing
        assert told(found).keys() == {BROWSER}
        assert told(found)[BROWSER].startswith("warning: ")
        return
    not_passed = {name: each.text for name, each in found.items() if each.outcome != "passed"}
    assert len(not_passed) == TOKENS, not_passed
    assert not told(found)
