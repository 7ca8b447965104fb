"""The shop's sessions keep what OWASP asks of them"""

from datetime import timedelta
from functools import partial

import pytest

from cookieproof import Account, Visitor, audit_sessions

pytestmark = pytest.mark.site(SESSION_COOKIE_SECURE=True, SESSION_REFRESH_EACH_REQUEST=False)


def signing_in(visitor: Visitor, *, keep: bool = False) -> None:
    visitor.goto("/sign_in")
    visitor.page.get_by_label("Name", exact=True).fill("Ada")
    visitor.page.get_by_label("Keep me signed in").set_checked(keep)
    visitor.page.get_by_role("button", name="Sign in").click()
    visitor.page.get_by_text("You are signed in as").wait_for()


def signing_out(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Sign out", exact=True).click()
    visitor.page.get_by_text("Nobody is signed in").wait_for()


test_session = audit_sessions(
    Account(
        signing_in,
        private="/whoami",
        shows="You are signed in as Ada",
        sign_out=signing_out,
        absolute=timedelta(hours=1),
        ends_with_browser=True,
        remember=partial(signing_in, keep=True),
        remembered=timedelta(days=7),
        concurrent=True,
    ),
    accept={
        "v5.0.0-3.3.1": "the shop is served on http too, where browsers refuse a name with a prefix",
        "v5.0.0-3.3.3": "the shop is served on http too, where browsers refuse a name with a prefix",
        "v5.0.0-3.4.1": "the server before the shop says so, for all that it serves",
        "v5.0.0-3.4.5": "no URL of the shop tells anything of a person",
        "the session ends with the browser": "a browser that continues keeps it, and absolute= ends it within the hour",
    },
)
