"""What is declared of an account is checked at once, and what is wrong is told before anything is judged"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cookieproof import Account, Clock, CookieproofError, NewVisitor, Site, Visitor
from cookieproof.promises.audit.audit import audit
from cookieproof.promises.audit.requirements.a_new_value_at_sign_in import ANewValueAtSignIn
from cookieproof.promises.audit.requirements.cookies_are_secure import CookiesAreSecure
from cookieproof.promises.audit.requirements.signing_out_ends_every_copy import SigningOutEndsEveryCopy
from selftests.support.audited import declared, sign_in

RIGHT: dict[str, Any] = {"sign_in": "/in", "private": "/account", "shows": "Signed in"}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"sign_in": 3}, "sign_in=3 is no path of the site, nor a function"),
    ({"sign_in": "in"}, "sign_in='in' is no path of the site, nor a function"),
    ({"private": "account"}, "private='account' is no path of the site"),
    ({"private": print}, "private=.* is no path of the site"),
    ({"change": ""}, "change='' is no path of the site"),
    ({"shows": " "}, "shows=' ' is neither a text nor a function"),
    ({"idle": 30}, "idle=30 is no timedelta of 30 seconds to 40 years"),
    ({"absolute": timedelta(seconds=1)}, "absolute=.* is no timedelta of 30 seconds"),
    ({"idle": timedelta(hours=9), "absolute": timedelta(hours=8)}, "idle=9 hours is longer than absolute=8 hours"),
    ({"remember": "/in"}, "remember= and remembered= belong together"),
    ({"remembered": timedelta(days=1)}, "remember= and remembered= belong together"),
    ({"concurrent": 0}, "concurrent=0 is not True, False, or the most"),
    ({"concurrent": 1.0}, "concurrent=1.0 is not True"),
    ({"ends_with_browser": "yes"}, "ends_with_browser='yes' is not True or False"),
    ({"shared_with": "session"}, "shared_with='session' names no cookies"),
    ({"host": "https://shop.localhost"}, "host='https://shop.localhost' is no host name"),
]


@pytest.mark.parametrize(("fields", "said"), WRONG)
def test_what_cannot_be_audited_is_said_in_a_sentence(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(CookieproofError, match=f"^Account: {said}"):
        Account(**{**RIGHT, **fields})


def on_http(visitor: Visitor) -> None:
    visitor.goto(visitor.url.replace("https:", "http:") + "/login")
    sign_in(visitor)


def nothing(visitor: Visitor) -> None:
    """What does not do what it is declared to."""


# The first looks only, the second needs a sign-out, the third is the fourth time that somebody signs in.
ASKED = [CookiesAreSecure(), SigningOutEndsEveryCopy(), ANewValueAtSignIn()]
FOUND: dict[str, tuple[dict[str, Any], str]] = {
    "right": ({"shows": "Sign in"}, '/account shows "Sign in" though nobody is signed in: declare in shows='),
    "idle": ({"sign_in": nothing}, 'nothing does not sign in: /account does not show "Signed in as Ada"'),
    "other": ({"sign_out": nothing}, "nothing does not sign out: it changes neither cookies nor storage, and /account"),
    "plain": ({"sign_in": on_http}, "on_http visits http: the audit is on https, so visit a path of the site"),
    "private-for-all": ({}, '/account shows "Signed in as Ada" though nobody is signed in'),
    "once-only": ({}, "sign_in failed: .* at call 2, though it worked before: it is called again and again"),
    "locks": ({}, "Sign-in 4 was refused, POST /login answered 429: declare attempts=3, or have the site allow more"),
}

# Where a sign-in waits in vain, and milliseconds: a sign-in that succeeds takes its time on a busy machine.
WAITS_IN_VAIN, HURRY, PATIENCE = ("once-only", "locks"), 5000, 30_000


@pytest.mark.site("../../apps/audited.py:create_app")
def test_what_is_declared_wrong_fails_what_needs_it(site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    visitor = new_visitor()
    for host, (fields, said) in FOUND.items():
        visitor.context.set_default_timeout(HURRY if host in WAITS_IN_VAIN else PATIENCE)
        account = replace(declared(host), **fields)
        found = audit(account, site, lambda: visitor, clock, requirements=ASKED)
        failed = [each.sentence for each in found.values() if each.outcome == "failed"]
        needed = 1 if "sign_out" in fields else 2 if host == "locks" else 3  # it locks at the fourth sign-in
        assert len(failed) == needed, (host, failed)
        assert all(re.match(said, each) for each in failed), (host, failed)
