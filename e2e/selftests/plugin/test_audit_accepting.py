"""What audit_sessions accepts, by id or by name, and what it refuses in a sentence"""

from __future__ import annotations

from typing import Any

import pytest

from cookieproof import Account, CookieproofError, audit_sessions
from cookieproof.promises.audit.finding import Finding, passed, warning
from cookieproof.promises.audit.judging import Asked
from cookieproof.promises.audit.requirements.cookies_have_the_host_prefix import CookiesHaveTheHostPrefix
from cookieproof.promises.audit.requirements.it_ends_with_the_browser import ItEndsWithTheBrowser

ACCOUNT = Account("/in", private="/account", shows="Signed in")
BROWSER = "WSTG-SESS-07 the session ends with the browser"


def judged(finding: Finding, **asked: Any) -> Finding:
    return Asked(**asked).judged({ItEndsWithTheBrowser(): finding})[BROWSER]


def test_what_has_no_id_is_accepted_by_its_name() -> None:
    reason = {BROWSER: "browsers that continue do so"}
    assert judged(warning("it goes on")).outcome == "warning"
    assert judged(warning("it goes on"), strict=True).outcome == "failed"
    accepted = judged(warning("it goes on"), strict=True, accept=reason)
    assert (accepted.outcome, accepted.sentence) == ("accepted", "accepted: browsers that continue do so")
    assert judged(passed(), accept=reason).text.startswith(f"kept, so accept['{BROWSER}'] is not needed any more")
    bare = {BROWSER.removeprefix("WSTG-SESS-07 "): "browsers that continue do so"}
    assert judged(warning("it goes on"), strict=True, accept=bare).outcome == "accepted"


def test_what_another_browser_breaks_may_stay_accepted() -> None:
    """Chromium's headless shell never continues where it was left, so it cannot tell that a reason is not needed."""
    not_tried = passed("one that continues where it was left was not tried", untried=True)
    assert judged(not_tried, strict=True, accept={BROWSER: "browsers that continue do so"}).outcome == "passed"


def test_an_id_and_a_name_accept_one_row_alike() -> None:
    row = CookiesHaveTheHostPrefix()
    for name in (row.asvs, row.test_name, row.name):
        [found] = Asked(accept={name: "shared"}).judged({row: warning("no prefix")}).values()
        assert found.outcome == "accepted"
    # What is kept is not accepted, by both names either.
    [found] = Asked(accept={row.asvs: "shared", row.name: "shared"}).judged({row: passed()}).values()
    assert found.outcome == "warning"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"accept": ["v5.0.0-3.3.3"]}, r"audit_sessions: accept=\['v5.0.0-3.3.3'\] gives no reasons: spell it accept="),
        ({"accept": {BROWSER[:-1]: "x"}}, f'which is not asked at level 2. Did you mean "{BROWSER}"'),
        ({"strict": "yes"}, "audit_sessions: strict='yes' is not True or False"),
        ({"level": True}, "audit_sessions: level=True is no level of ASVS"),
        ({"level": "2"}, "audit_sessions: level='2' is no level of ASVS"),
        ({"level": 2.0}, r"audit_sessions: level=2.0 is no level of ASVS"),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(options: dict[str, Any], said: str) -> None:
    with pytest.raises(CookieproofError, match=said):
        audit_sessions(ACCOUNT, **options)


@pytest.mark.parametrize(
    ("declares", "said"),
    [
        ({"private": "//evil.example/x"}, "Account: private='//evil.example/x' is no path of the site"),
        ({"concurrent": 100000}, "Account: concurrent=100000 is more than 50, and an audit signs in as often"),
    ],
)
def test_what_cannot_be_audited_is_a_sentence(declares: dict[str, Any], said: str) -> None:
    with pytest.raises(CookieproofError, match=said):
        Account(**{"sign_in": "/in", "private": "/account", "shows": "Signed in", **declares})
