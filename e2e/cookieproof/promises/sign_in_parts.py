"""Parts that the scenarios of a sign-in share: sign in, and check later whether the page still shows it."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime
from typing import Any, cast

from cookieproof.promises import reasons
from cookieproof.promises.lifetimes import in_words
from cookieproof.promises.parts import is_refusal, require_it_worked
from cookieproof.promises.scenario_run import AFTER, TOO_NEAR, ScenarioRun
from cookieproof.promises.sign_in_reasons import require_shown, who_keeps
from cookieproof.promises.sign_in_run import SignInRun
from cookieproof.promises.steps import Need, RunStep, Steps, Visit
from cookieproof.words import duration

ONCE = "once signed in"


def as_sign_in_run(run: ScenarioRun) -> SignInRun:
    """Return the run of a ``SignIn``, cast to its class."""
    return cast(SignInRun, run)


def signed_in(run: SignInRun) -> Steps:
    """Sign in, and check that the page shows it. The sign-in's lifetime begins."""
    visit: Visit = yield RunStep(run.lifetime.set_by)
    if visit.problem:
        run.broken(reasons.why_step_failed(run, visit, "set_by="))
    run.begins(visit)
    yield from check_page(run, ONCE)


def check_page(run: SignInRun, when: str, due: datetime | None = None) -> Generator[Need, Any, Visit]:
    """Visit the page at ``due`` (None: at once), which must show who is signed in; return the visit.

    ``when`` are words for the moment in a failure.
    """
    end = run.end
    visit: Visit = yield RunStep(run.lifetime.path, shows=True, due=due)
    came = visit.exchanges[0].time if visit.exchanges else visit.time
    if due and run.lasts and came > end - TOO_NEAR:
        run.broken(reasons.too_late("visited", end, came))
    if visit.problem and not (run.seen_shown and is_refusal(visit.status)):
        run.broken(reasons.why_step_failed(run, visit, "path="))
    require_shown(run, visit, when)
    if run.lifetime.renewal:
        run.may_be_renewed(visit)
    return visit


def renewed(run: SignInRun, when: str, due: datetime) -> Steps:
    """Take the step at ``due`` that renews the sign-in, check the page, and count the lifetime from then."""
    step, end = run.lifetime.renewal, run.end
    assert step
    if step == run.lifetime.path:
        run.begins((yield from check_page(run, when, due)))
        return
    visit: Visit = yield RunStep(step, due=due)
    came = visit.exchanges[0].time if visit.exchanges else visit.time
    if came > end - TOO_NEAR:
        run.broken(reasons.too_late("visited", end, came))
    if visit.problem:
        run.broken(reasons.why_step_failed(run, visit, "renewed_by="))
    run.begins(visit)
    yield from check_page(run, when)


def gone(run: SignInRun, when: str, due: datetime | None = None, why: str = "") -> Steps:
    """Visit the page at ``due`` (None: at once), which must not show anybody signed in.

    ``when`` are words for the moment in a failure, and ``why`` is what may have kept the sign-in from ending.
    """
    visit: Visit = yield RunStep(run.lifetime.path, shows=False, due=due)
    if visit.problem and not is_refusal(visit.status):
        run.broken(reasons.why_step_failed(run, visit, "path="))
    if visit.shown:
        path, what = in_words(run.lifetime.path), run.lifetime.what_shows
        run.broken(f"{path} still shows {what} {when}: {why or who_keeps(run, visit)}")


def signed_out(run: SignInRun, when: str) -> Steps:
    """Sign out, and check that the page shows nobody; ``when`` are words for the moment in a failure."""
    step = run.lifetime.deleted_by
    assert step
    visit: Visit = yield RunStep(step, may_fail=True)
    yield from gone(run, when, why=visit.problem)
    require_it_worked(run, visit)


def gone_after_its_end(run: SignInRun, why: str = "") -> Steps:
    """Visit the page right after the end; it must not show anybody signed in."""
    yield from gone(run, f"{duration(AFTER)} after its end", run.latest_end + AFTER, why)
