"""What is found of Django's admin and of Flask-Login's remember-me, as their documents have them in production"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from cookieproof import Account, Clock, NewVisitor, Site, Visitor
from cookieproof.promises.audit.audit import audit
from cookieproof.promises.audit.finding import Finding
from selftests.support.requirements import QUICK

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module", autouse=True)
def on_the_path(frameworks: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(frameworks), prepend=os.pathsep)
        patch.setenv("DATABASE", str(tmp_path_factory.mktemp("real") / "admin.sqlite"))
        yield


def outcomes(found: Mapping[str, Finding]) -> dict[str, str]:
    """What is neither passed nor not asked, by the requirement's name without its row."""
    return {
        name.partition(" ")[2]: f"{each.outcome}: {each.sentence}"
        for name, each in found.items()
        if each.outcome not in ("passed", "not asked")
    }


def is_as(found: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Whether these, and no others, were found, and what is said of each begins so."""
    print(found)
    return found.keys() == wanted.keys() and all(found[name].startswith(wanted[name]) for name in wanted)


def into_the_admin(visitor: Visitor) -> None:
    visitor.goto("/admin/")
    visitor.page.get_by_label("Username").fill("ada")
    visitor.page.get_by_label("Password").fill("a password")
    visitor.page.get_by_role("button", name="Log in").click()
    visitor.page.get_by_text("Welcome,").wait_for()


def out_of_the_admin(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Log out").click()
    visitor.page.get_by_text("Logged out").wait_for()


@pytest.mark.site("../../apps/real/django_admin.py:application")
def test_djangos_admin(site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    account = Account(
        into_the_admin,
        private="/admin/",
        shows="Welcome, ada",
        sign_out=out_of_the_admin,
        idle=timedelta(minutes=30),
        ends_with_browser=True,
        concurrent=True,
    )
    found = outcomes(audit(account, site, new_visitor, clock, requirements=QUICK))
    wanted = {
        "the session's cookies are Secure": 'warning: the name of "sessionid" begins with neither',
        "the session's cookies begin with __Host-": 'warning: the name of "sessionid" does not begin',
    }
    assert is_as(found, wanted)


def remembered(visitor: Visitor, where: str = "/sign-in") -> None:
    visitor.goto(where)
    visitor.page.get_by_role("button", name="Sign in").click()
    visitor.page.get_by_text("Signed in as").wait_for()


def sign_out(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Sign out").click()
    visitor.page.get_by_role("button", name="Sign in").wait_for()


@pytest.mark.site("../../apps/real/flask_login_remembers.py:create_app")
def test_flask_logins_remember_me(site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    account = Account(
        partial(remembered, where="/sign-in?remember"),
        private="/account",
        shows="Signed in as Ada",
        sign_out=sign_out,
        remember=partial(remembered, where="/sign-in?remember"),
        remembered=timedelta(days=7),
        concurrent=True,
    )
    found = outcomes(audit(account, site, new_visitor, clock, requirements=QUICK))
    # Neither the session nor the remember-me cookie is known to the server, so it can end neither; and the latter is
    # the same at each sign-in, without a time in it.
    wanted = {
        "signing out ends every copy": "failed: after the sign-out the server still accepts a copy",
        "signing out ends what remembers": "failed: after the sign-out the server still accepts a copy",
        "signing in gives a new session": "warning: signing in again in the same browser leaves the session before",
        "another site cannot sign somebody out": "warning: only the cookie's SameSite keeps a form on a page of",
        "each sign-in gives another value": 'failed: two sign-ins gave the same cookie "remember_token"',
        "a session's value cannot be guessed": 'failed: the value of the cookie "remember_token" can be guessed: one',
        "who is remembered is so as long as promised": "failed: 10 seconds after 7 days are over the server still",
        "the session's cookies are Secure": 'warning: the name of "remember_token" and "session" begins with neither',
        "the session's cookies begin with __Host-": 'warning: the name of "remember_token" and "session" does not',
        "another host of the site cannot plant a session": "warning: a page of other.audit.localhost had set",
        "nothing of the session goes over http": "warning: http is answered with 302, and not led to https",
    }
    assert is_as(found, wanted)
