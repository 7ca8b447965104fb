"""Of several cookies of one name each that is sent counts, whichever the verdict began with"""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest

from cookieproof import Clock, Lifetime, NewVisitor, Visitor, expect_cookie
from cookieproof.promises.scenarios.deleted import Deleted
from cookieproof.promises.scenarios.left_alone import LeftAlone
from selftests.support.judged import judged
from selftests.support.saying import fails, say

pytestmark = pytest.mark.site("../apps/says.py:create_app")
HOUR = timedelta(hours=1)
ROOT, DEEP = "Path=/; Max-Age=3600", "Path=/say; Max-Age=3600"
WIDE = "Path=/; Max-Age=3600; Domain=shop.localhost"
GONE = "Max-Age=0"


def two_paths(deleted_by: str, path: str = "/say") -> Lifetime:
    return Lifetime("a", set_by=say(f"a=root; {ROOT}", f"a=deep; {DEEP}"), lasts=HOUR, path=path, deleted_by=deleted_by)


def two_domains(deleted_by: str) -> Lifetime:
    set_by = say(f"a=host; {ROOT}", f"a=wide; {WIDE}")
    return Lifetime("a", set_by=set_by, lasts=HOUR, host="www.shop.localhost", deleted_by=deleted_by)


DELETIONS = {
    two_paths(say(f"a=; Path=/say; {GONE}")): r"it was set for the path / and deleted for the path /say",
    two_paths(say(f"a=; Path=/; {GONE}")): r"it was set for the path /say and deleted for the path /",
    two_paths(say(f"a=; Path=/; {GONE}"), path="/"): r"it was set for the path /say and deleted for the path /",
    two_paths(say(f"a=; Path=/; {GONE}", f"a=; Path=/say; {GONE}")): "",
    # An anonymous session is set anew by where the sign-out leads.
    two_paths(say(f"a=; Path=/; {GONE}", f"a=; Path=/say; {GONE}", to=say("a=anonymous; Path=/"))): "",
    two_paths(say(f"a=; Path=/; {GONE}", to=say("a=anonymous; Path=/"))): r"it was set for the path /say and deleted",
    two_domains(say(f"a=; Path=/; {GONE}")): r"set for every host of shop.localhost .* and deleted for only www.shop",
    two_domains(say(f"a=; Path=/; {GONE}", f"a=; Path=/; {GONE}; Domain=shop.localhost")): "",
}


def test_a_sign_out_deletes_each_that_was_there(new_visitor: NewVisitor, clock: Clock) -> None:
    wrong = judged(DELETIONS, new_visitor, clock, [Deleted()])
    assert not wrong, "\n".join(wrong)


def test_each_that_is_meant_ends_with_the_browser(visitor: Visitor) -> None:
    visitor.goto(say("a=root; Path=/", f"a=deep; {DEEP}"))
    ends = expect_cookie(visitor, "a").to_end_with_the_browser
    fails(ends, "but another of its name, for localhost/say, outlives it, until ")
    fails(expect_cookie(visitor, "a", path="/say").to_end_with_the_browser, "but outlives it, until ")
    expect_cookie(visitor, "a", path="/other").to_end_with_the_browser()
    visitor.goto(say(f"a=root; {ROOT}", "a=deep; Path=/say"))
    fails(expect_cookie(visitor, "a", path="/say").to_end_with_the_browser, "but another of its name, for localhost/, ")
    visitor.goto(say("a=root; Path=/"))
    ends()


def test_an_expires_in_the_past_is_said(new_visitor: NewVisitor, clock: Clock) -> None:
    past = format_datetime(clock.now() - 4 * HOUR, usegmt=True)
    late = {
        Lifetime("a", set_by=say(f"a=1; Path=/; Expires={past}"), lasts=HOUR): r"is set with an Expires 4 hours.* in"
    }
    wrong = judged(late, new_visitor, clock, [LeftAlone()])
    assert not wrong, "\n".join(wrong)
