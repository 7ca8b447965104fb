"""Each requirement of the audit is kept by a right site, and broken by the sites that break it, and by no others"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from cookieproof import Account, Clock, NewVisitor, Site, Visitor
from cookieproof.promises.audit.audit import audit
from cookieproof.promises.audit.finding import Finding
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.promises.audit.requirements import REQUIREMENTS
from cookieproof.promises.audit.requirements.a_value_cannot_be_guessed import AValueCannotBeGuessed

pytestmark = [pytest.mark.site("../../apps/audited.py:create_app"), pytest.mark.timeout(600)]
# With as few sign-ins as may be: how long they go on is no matter here.
QUICK = [AValueCannotBeGuessed(0) if isinstance(each, AValueCannotBeGuessed) else each for each in REQUIREMENTS]
# Those that only look at what others have done cost nothing, and are judged at each site.
LOOKING = [each for each in QUICK if not re.search(r"audit\.(sign|forging|person)", inspect.getsource(type(each)))]
SECURE, SAME_SITE = "the session's cookies are Secure", "the session's cookies say SameSite"
PREFIX, SCRIPTS = "the session's cookies begin with __Host-", "scripts cannot read the session"
COPIES, STAYS, WAY = "signing out ends every copy", "nothing private stays", "there is a visible way to sign out"
AGAIN, NEW, INVENTED = "nothing signs in again", "signing in gives a new session", "an invented value is not adopted"
PLANTED, DECIDES = "another host of the site cannot plant a session", "the server decides who is signed in"
OTHER, GUESSED = "each sign-in gives another value", "a session's value cannot be guessed"
SIGNED_OUT, FORGETS = "another site cannot sign somebody out", "signing out ends what remembers"
URL, STORED, CACHED = "the session is in no URL", "private answers are not stored", "nobody else is given what was"
POLICY, HTTPS, HTTP = (
    "there is a referrer policy",
    "every answer asks for https",
    "nothing of the session goes over http",
)
IDLE, IN_USE, BROWSER = "an idle session ends", "a session in use ends", "the session ends with the browser"
FORGED, PLAIN, GET = "a forged form changes nothing", "a request of plain text changes nothing", "a GET changes"
AT_A_TIME, PASSWORD, RESET = "so many sessions at a time", "a new password ends", "a begun password reset opens"
VERIFIED, NONE, OWN_KEY = "a token's signature is verified", "a token without a signature", "a token does not bring its"
TOKENS = 4  # requirements of JSON Web Tokens, which are not asked where there is none
EXPIRED = "an expired token is refused"
REMEMBERED = "who is remembered is so"


OUT_OF_STORAGE = """async () => {
  await fetch("/logout", {method: "POST", headers: {Authorization: `Bearer ${sessionStorage.token}`}});
  sessionStorage.clear();
}"""
SIGN_IN = """([name, remember]) => {
  const form = document.querySelector("form");
  form.elements.name.value = name;
  form.elements.remember.checked = remember;
  form.requestSubmit();
}"""


def sign_in(visitor: Visitor, name: str = "ada", *, remember: bool = False) -> None:
    visitor.goto("/login")
    visitor.page.evaluate(SIGN_IN, [name, remember])
    visitor.page.get_by_text("Signed in as").wait_for()


def sign_out(visitor: Visitor) -> None:
    """Send the form, which a person may not see."""
    visitor.page.evaluate("document.querySelector('form[action=\"/logout\"]').requestSubmit()")
    visitor.page.get_by_role("link", name="Sign in").wait_for()


def change_password(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="New password").click()
    visitor.page.get_by_text("Signed in as").wait_for()


def reset_password(visitor: Visitor) -> None:
    visitor.goto("/login")
    visitor.page.get_by_role("button", name="Reset password").click()
    visitor.page.get_by_text("A code is on its way").wait_for()


def sign_out_elsewhere(visitor: Visitor) -> None:
    visitor.goto("/account")
    sign_out(visitor)


def over_another_host(visitor: Visitor) -> None:
    visitor.goto("/account")
    visitor.page.evaluate(SIGN_IN, ["ada", False])
    visitor.page.get_by_text("Signed in as").wait_for()


def out_over_another_host(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Sign out").click()
    visitor.page.get_by_role("link", name="Sign in").wait_for()


def out_of_storage(visitor: Visitor) -> None:
    visitor.page.evaluate(OUT_OF_STORAGE)


def declared(breaks: str = "right", **more: Any) -> Account:
    facts: dict[str, Any] = {
        "sign_in": sign_in,
        "private": "/account",
        "shows": "Signed in as Ada",
        "sign_out": sign_out,
        "idle": timedelta(minutes=30),
        "absolute": timedelta(hours=8),
        "ends_with_browser": True,
        "remember": partial(sign_in, remember=True),
        "remembered": timedelta(days=30),
        "change": "/change",
        "concurrent": True,
        "change_password": change_password,
        "reset_password": reset_password,
        "another": partial(sign_in, name="bob"),
    }
    return Account(**{**facts, "host": f"{breaks}.localhost", **more})


def told(findings: Mapping[str, Finding]) -> dict[str, str]:
    """What is not passed, by the names of the requirements without their rows: its outcome and sentence."""
    return {
        name.partition(" ")[2]: f"{each.outcome}: {each.sentence}"
        for name, each in findings.items()
        if each.outcome not in ("passed", "not asked")
    }


# By what the site breaks: the requirements that are not passed, and how what is found begins.
BROKEN: dict[str, dict[str, str]] = {
    "right": {},
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
        SECURE: 'warning: the name of "id" begins with neither __Host- nor __Secure-',
        PREFIX: 'warning: the name of "id" does not begin with __Host-',
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
PARTS = 3
NAMES = [*BROKEN]


def wrong(breaks: str, found: Mapping[str, Finding]) -> list[str]:
    """What was found at this site that is not as it should be."""
    said, wanted = told(found), BROKEN[breaks]
    matched = {next((each for each in wanted if name.startswith(each)), name): text for name, text in said.items()}
    is_right = matched.keys() == wanted.keys() and all(matched[each].startswith(wanted[each]) for each in wanted)
    return [] if is_right else [f"{breaks}: {said}"]


def asked_of(breaks: str) -> Sequence[Requirement]:
    """Those that it breaks, and those that cost nothing."""
    return [each for each in QUICK if each in LOOKING or any(each.name.startswith(name) for name in BROKEN[breaks])]


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
    "one session at a time": {"host": "one-at-a-time.localhost", "concurrent": False},
    "shown by a locator": {"shows": lambda page: page.get_by_role("button", name="Change")},
}


def test_no_false_alarm(site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    asked = [each for each in QUICK if each in LOOKING or each.name.startswith((COPIES, NEW, AT_A_TIME))]
    visitor, said = new_visitor(), {}
    for what, declares in RIGHT.items():
        account = declared(**{"change": None, **declares})
        said[what] = told(audit(account, site, lambda: visitor, clock, requirements=asked))
    warned = said["kept in storage"].pop(SCRIPTS)
    assert warned.startswith('warning: the session is header "authorization", which the page keeps where its scripts')
    assert not any(said.values()), said


@pytest.mark.parametrize("part", range(PARTS))
def test_each_site_fails_in_what_it_breaks(part: int, site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    visitor = new_visitor()
    found = [
        line
        for breaks in NAMES[part::PARTS]
        for line in wrong(breaks, audit(declared(breaks), site, lambda: visitor, clock, requirements=asked_of(breaks)))
    ]
    assert not found, "\n\n".join(found)


def test_a_right_site_keeps_all(site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    found = audit(declared(), site, new_visitor, clock, requirements=QUICK)
    assert not wrong("right", found)
    not_passed = {name: each.text for name, each in found.items() if each.outcome != "passed"}
    assert len(not_passed) == TOKENS, not_passed
