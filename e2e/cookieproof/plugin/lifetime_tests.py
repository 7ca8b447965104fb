"""The tests that ``prove_lifetimes`` makes of a list of lifetimes, and the one schedule that proves them all."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sys
from collections.abc import Callable, Sequence

import pytest

from cookieproof.browser.run_folder import once_a_run
from cookieproof.errors import CookieproofError
from cookieproof.harness import Harness
from cookieproof.plugin import other_plugins
from cookieproof.plugin.stash import TIMELINE
from cookieproof.plugin.together import first_of
from cookieproof.promises.lifetimes import Lifetime, names_of
from cookieproof.promises.prove import prove, why_no_clock
from cookieproof.promises.verdict import Verdict

__tracebackhide__ = True  # a failure points at the line of the test

# The exceptions by which a step of the user's fails.
FAILURES = (Exception, pytest.fail.Exception)


def prove_lifetimes(lifetimes: Sequence[Lifetime]) -> Callable[..., None]:
    """Return a test for each lifetime; assign it to a name that pytest collects: ``test_lifetimes``.

    A cookie that ends with the browser must be sent once it was set, and not after a restart of the browser. One with
    an age must be sent after the restart, too, and 10 seconds before its end, and not 5 seconds after it. Visits soon,
    half-way, in the last tenth and just before the end must renew it, or must not, and its deletion, at once and late,
    must end it for good. A failure says which of these was broken, with what happened in order.

    All lifetimes of the list share two lives of one visitor and one schedule, which the first test runs; under
    pytest-xdist the other workers read its verdicts.
    """
    if not lifetimes:
        raise CookieproofError("prove_lifetimes([]) proves nothing: declare a Lifetime.")

    @pytest.mark.proven_together("lifetime")
    @pytest.mark.parametrize("lifetime", lifetimes, ids=names_of(lifetimes))
    def test(lifetime: Lifetime, verdicts_on_lifetimes: dict[Lifetime, Verdict]) -> None:
        __tracebackhide__ = False  # else pytest remarks that there is nothing to see
        verdict = verdicts_on_lifetimes[lifetime]
        if verdict.outcome == "not run":
            pytest.skip(verdict.text)
        if verdict.outcome in ("not proven", "broken"):  # without a traceback: no line of the test's file says this
            pytest.fail(verdict.text, pytrace=False)

    # pytest and reports show the line of the declaration as the test's place.
    caller = sys._getframe(1)
    test.__code__ = test.__code__.replace(co_filename=caller.f_code.co_filename, co_firstlineno=caller.f_lineno)
    test.lifetimes = tuple(lifetimes)  # type: ignore[attr-defined]
    return test


@pytest.fixture
def verdicts_on_lifetimes(request: pytest.FixtureRequest, _worker: Harness) -> dict[Lifetime, Verdict]:
    """The verdict on each lifetime, for the tests of ``prove_lifetimes``. One worker proves the lifetimes for all.

    A test that is run again has its own lifetime proven anew, at hosts that have not been visited before.
    """
    of_this_list = [item for item in request.session.items if first_of(item) is first_of(request.node)]
    lifetimes = list(dict.fromkeys(item.callspec.params["lifetime"] for item in of_this_list))  # type: ignore[attr-defined]
    this, first = request.node.callspec.params["lifetime"], 1
    if attempt := other_plugins.attempt_of(request.node):
        first += attempt * len(lifetimes) + lifetimes.index(this)
        lifetimes = [this]

    def make() -> str:
        no_clock, site = "", request.getfixturevalue("site")
        if any(lifetime.needs_clock for lifetime in lifetimes):
            try:
                request.getfixturevalue("clock")
            except pytest.skip.Exception as skipped:
                no_clock = str(skipped)
        declared = [dataclasses.replace(each, host=each.host or site.only_host or None) for each in lifetimes]
        of_the_site = "" if no_clock else why_no_clock(site)
        new_visitor = request.getfixturevalue("new_visitor")
        verdicts = prove(declared, new_visitor, _worker.clock, no_clock or of_the_site, first, FAILURES)
        if of_the_site:  # the promise cannot be proven on this site, whatever the machine has
            verdicts = {
                each: dataclasses.replace(verdict, outcome="not proven") if verdict.outcome == "not run" else verdict
                for each, verdict in verdicts.items()
            }
        return json.dumps([dataclasses.asdict(verdicts[each]) for each in declared])

    name = hashlib.sha256(of_this_list[0].nodeid.encode()).hexdigest()[:16]
    told = json.loads(make() if attempt else once_a_run(_worker.folder.parent / f"lifetimes-{name}", make))
    verdicts = {lifetime: Verdict(**each) for lifetime, each in zip(lifetimes, told, strict=True)}
    request.node.stash[TIMELINE] = verdicts[this].timeline
    return verdicts
