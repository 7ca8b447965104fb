"""audit_sessions makes a test of each requirement, whose outcome is never more than was found"""

from __future__ import annotations

import re

import pytest

from cookieproof import Account, CookieproofError, audit_sessions
from cookieproof.promises.audit.audit import chosen
from selftests.support.project import E2E, Project

SITE = f"{E2E}/selftests/apps/audited.py:create_app"
DECLARED = """
from cookieproof import Account, audit_sessions

def signing_in(visitor):
    visitor.goto("/login")
    visitor.page.get_by_label("Name").fill("ada")
    visitor.page.get_by_role("button", name="Sign in").click()
    visitor.page.get_by_text("Signed in as").wait_for()

def signing_out(visitor):
    visitor.page.get_by_role("button", name="Sign out").click()
    visitor.page.get_by_role("link", name="Sign in").wait_for()

ACCOUNT = Account(
    signing_in, private="/account", shows="Signed in as Ada", sign_out=signing_out, host="{breaks}.localhost"
)
test_session = audit_sessions(ACCOUNT, {options})
"""
BREAKS = "no-prefix--no-httponly--no-samesite"
FEW = "Secure or scripts or SameSite or __Host- or idle"


def test_each_outcome_is_told_apart(project: Project) -> None:
    project.test(DECLARED.format(breaks=BREAKS, options='accept={"v5.0.0-3.3.2": "an old device"}'))
    result = project.run("--site", SITE, "-k", FEW, "-rA")
    # __Host- and Secure are warnings.
    result.assert_outcomes(passed=2, failed=1, skipped=1, xfailed=1)
    for said in (
        r"PASSED test_it.py::test_session\[WSTG-SESS-02 the session's cookies begin with __Host-\]",
        r"FAILED test_it.py::test_session\[WSTG-SESS-02 scripts cannot read the session\]",
        r"required:  ASVS v5.0.0-3.3.4, level 2: Cookies of the session have HttpOnly",
        r"XFAIL test_it.py::test_session\[WSTG-SESS-02 the session's cookies say SameSite\] - accepted: an old device",
        r"SKIPPED.*not asked: declare idle=",
        r"warning +WSTG-SESS-02 the session's cookies are Secure \(v5.0.0-3.3.1, level 1\): Cookies have Secure",
        r"accepted +WSTG-SESS-02 the session's cookies say SameSite",
        r"not asked +WSTG-SESS-07 an idle session ends \(v5.0.0-7.3.1, level 2\)",
    ):
        assert re.search(said, result.output), said


def test_what_is_strict_fails_for_a_warning_and_what_is_kept_needs_no_acceptance(project: Project) -> None:
    project.test(DECLARED.format(breaks=BREAKS, options='strict=True, accept={"v5.0.0-7.2.1": "nobody knows"}'))
    result = project.run("--site", SITE, "-k", "Secure or decides", "-n", "2")
    result.assert_outcomes(failed=2)
    assert "kept, so accept['v5.0.0-7.2.1'] is not needed any more: leave it out" in result.output
    assert "browser starts: 1 " in result.output  # one worker audits for both


def test_what_is_declared_wrong_is_a_failure_of_each_and_no_error(project: Project) -> None:
    project.test(DECLARED.format(breaks="private-for-all", options=""))
    result = project.run("--site", SITE, "-k", "Secure or decides or idle")
    result.assert_outcomes(failed=2, skipped=1)
    assert result.output.count('/account shows "Signed in as Ada" though nobody is signed in') >= 2


ACCOUNT = Account("/in", private="/account", shows="Signed in")


def test_bad_input_is_a_sentence() -> None:
    for options, said in (
        ({"level": 4}, "level=4 is no level of ASVS: choose 1, 2 or 3"),
        ({"attempts": 1}, "attempts=1 is too few"),
        ({"accept": {"v5.0.0-3.3.5": "x"}}, "accept names 'v5.0.0-3.3.5', which is not asked at level 2"),
        ({"accept": {"v5.0.0-3.3.2": " "}}, r"accept\['v5.0.0-3.3.2'\] gives no reason"),
    ):
        with pytest.raises(CookieproofError, match=said):
            audit_sessions(ACCOUNT, **options)
    with pytest.raises(CookieproofError, match=r"audit_sessions\('/in'\) is given no Account"):
        audit_sessions("/in")  # type: ignore[arg-type]


def test_the_level_chooses_the_requirements() -> None:
    ids = {level: {each.asvs for each in chosen(level) if each.asvs} for level in (1, 2, 3)}
    assert "v5.0.0-3.3.5" in ids[3] - ids[2]
    assert "v5.0.0-7.3.1" in ids[2] - ids[1]
    assert "v5.0.0-7.4.1" in ids[1]


def test_a_class_may_hold_an_audit(project: Project) -> None:
    project.test(
        """
from cookieproof import Account, audit_sessions

class TestShop:
    test_session = audit_sessions(Account("/in", private="/account", shows="Signed in"))
"""
    )
    code, output = project.run("--collect-only", "-q")
    assert code == 0, output
    assert "test_it.py::TestShop::test_session[WSTG-SESS-01" in output
