"""The tests that ``audit_sessions`` makes of an account: one for each requirement, all of one audit."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sys
from collections.abc import Callable, Mapping

import pytest

from cookieproof.browser.run_folder import once_a_run
from cookieproof.errors import CookieproofError
from cookieproof.harness import Harness
from cookieproof.plugin import other_plugins
from cookieproof.plugin.lifetime_tests import FAILURES
from cookieproof.plugin.stash import AUDITED, TIMELINE
from cookieproof.plugin.together import first_of
from cookieproof.promises.audit.account import Account
from cookieproof.promises.audit.audit import audit
from cookieproof.promises.audit.finding import Finding
from cookieproof.promises.audit.judging import Asked
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.promises.prove import why_no_clock
from cookieproof.words import quoted

__tracebackhide__ = True  # a failure points at the line of the test


def audit_sessions(
    account: Account,
    *,
    accept: Mapping[str, str] | None = None,
    level: int = 2,
    strict: bool = False,
    attempts: int | None = None,
) -> Callable[..., None]:
    """Return a test for each requirement of a session; assign it to a name that pytest collects: ``test_session``.

    ``level`` chooses the requirements by their level in ASVS 5.0.0: 1, 2 or 3. ``accept`` maps ASVS ids, or names of
    requirements ("the session ends with the browser"), to reasons: a requirement that fails, or warns, is accepted, and
    the reason is shown. A warning passes; with ``strict`` it fails. ``attempts`` is how many times the site lets
    somebody sign in, None for any number: what weighs most is judged first, and what is left is not decidable.

    What the account does not promise is skipped, as "not asked", with what to declare; so is, as "not decidable", what
    cannot be told from outside. What is accepted is an expected failure (``xfail``). None of the three is ever passed.

    All tests share one audit, which the first of them runs; under pytest-xdist the other workers read its findings.
    Raises ``CookieproofError`` for what cannot be audited.
    """
    if not isinstance(account, Account):
        raise CookieproofError(f"audit_sessions({quoted(account)}) is given no Account: declare one.")
    asked = Asked(level, {} if accept is None else accept, strict, attempts)
    requirements = asked.requirements

    @pytest.mark.proven_together("requirement")
    @pytest.mark.parametrize("requirement", requirements, ids=[each.test_name for each in requirements])
    def test(requirement: Requirement, findings_of_audit: dict[str, Finding]) -> None:
        __tracebackhide__ = False  # else pytest remarks that there is nothing to see
        verdict = findings_of_audit[requirement.test_name]
        if verdict.outcome in ("not asked", "not decidable"):
            pytest.skip(verdict.text)
        if verdict.outcome == "accepted":
            pytest.xfail(verdict.sentence)
        if verdict.outcome == "failed":
            pytest.fail(verdict.text, pytrace=False)

    # pytest and reports show the line of the declaration as the test's place.
    caller = sys._getframe(1)
    test.__code__ = test.__code__.replace(co_filename=caller.f_code.co_filename, co_firstlineno=caller.f_lineno)
    test.audited = (account, asked)  # type: ignore[attr-defined]
    return test


@pytest.fixture
def findings_of_audit(request: pytest.FixtureRequest, _worker: Harness) -> dict[str, Finding]:
    """The finding on each requirement, by test name, for the tests of ``audit_sessions``. One worker audits for all.

    A test that is run again has its own requirement judged anew.
    """
    of_this_audit = [item for item in request.session.items if first_of(item) is first_of(request.node)]
    requirements = [item.callspec.params["requirement"] for item in of_this_audit]  # type: ignore[attr-defined]
    requirements = list(dict.fromkeys(requirements))
    this: Requirement = request.node.callspec.params["requirement"]
    if attempt := other_plugins.attempt_of(request.node):
        requirements = [this]
    account, asked = request.function.audited

    def make() -> str:
        no_clock, site = "", request.getfixturevalue("site")
        try:
            request.getfixturevalue("clock")
        except pytest.skip.Exception as skipped:
            no_clock = str(skipped)
        new_visitor = request.getfixturevalue("new_visitor")
        found = audit(
            account,
            site,
            new_visitor,
            _worker.clock,
            requirements=requirements,
            no_clock=no_clock or why_no_clock(site),
            attempts=asked.attempts,
            failures=FAILURES,
        )
        return json.dumps({name: dataclasses.asdict(each) for name, each in found.items()})

    name = hashlib.sha256(of_this_audit[0].nodeid.encode()).hexdigest()[:16]
    told = json.loads(make() if attempt else once_a_run(_worker.folder.parent / f"audit-{name}", make))
    found = {each: Finding(**told[each.test_name]) for each in requirements}
    findings: dict[str, Finding] = asked.judged(found)
    finding = findings[this.test_name]
    request.node.stash[TIMELINE] = finding.timeline
    request.node.stash[AUDITED] = told_of(this, finding)
    return findings


def told_of(requirement: Requirement, finding: Finding) -> dict[str, str | int]:
    """Return what terminal and report show of one requirement."""
    return {
        "name": requirement.test_name,
        "asvs": requirement.asvs,
        "level": requirement.level,
        "sentence": requirement.sentence,
        "outcome": finding.outcome,
        "text": finding.text,
    }
