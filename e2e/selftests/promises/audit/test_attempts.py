"""Where the site allows few sign-ins, what weighs most is judged first, and what is left says why"""

from __future__ import annotations

import re

import pytest

from cookieproof import Clock, NewVisitor, Site
from cookieproof.promises.audit.audit import audit, weightiest_first
from cookieproof.promises.audit.requirements import REQUIREMENTS
from selftests.support.audited import declared
from selftests.support.requirements import COPIES, GUESSED, LOOKING, NOT_REMEMBERED, QUICK, STAYS

pytestmark = [pytest.mark.site("../../apps/audited.py:create_app"), pytest.mark.timeout(300)]


def test_the_level_of_asvs_decides_and_the_password_is_changed_last() -> None:
    ordered = weightiest_first(REQUIREMENTS)
    assert {*ordered} == {*REQUIREMENTS}
    levels = [each.level if each.asvs else 4 for each in ordered[:-1]]
    assert levels == sorted(levels)
    assert ordered[-1].needs == ("change_password",)


def test_what_is_left_says_that_the_sign_ins_are_used_up(site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    """This site locks the account at the fourth sign-in, which would be a failure of each row that tries it."""
    found = audit(declared("locks", **NOT_REMEMBERED), site, new_visitor, clock, requirements=QUICK, attempts=3)
    assert [*found] == [each.test_name for each in QUICK]
    said = {name.partition(" ")[2]: each for name, each in found.items()}
    assert said.pop(COPIES).outcome == "passed"  # the first that signs in, and the last that may
    assert not [name for name, each in said.items() if each.outcome in ("failed", "warning")]
    left = {name: each.text for name, each in said.items() if each.outcome == "not decidable"}
    assert all(re.match("not decidable: attempts=3 sign-ins are used up", text) for text in left.values()), left
    assert left[GUESSED].endswith("used up, and 2 values showed no weakness")
    assert next(each for each in left if each.startswith(STAYS))
    assert {each.name for each in LOOKING if not each.needs} <= said.keys() - left.keys()
