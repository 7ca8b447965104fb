"""Parts that scenarios share: take a step, then check that the cookie and the page are as declared."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Any

from cookieproof.cookies.set_cookie import AGE_LIMIT
from cookieproof.promises import reasons
from cookieproof.promises.identity import is_identity
from cookieproof.promises.lifetimes import Step, in_words
from cookieproof.promises.scenario_run import AFTER, BEFORE, JITTER, TOO_NEAR, Remedy, ScenarioRun
from cookieproof.promises.steps import Need, ProbeCookie, RunStep, Steps, Visit, VisitAsNewVisitor
from cookieproof.words import duration

RESTARTED = "after the browser was closed and opened again"
# How many times in a row a cookie is renewed: an absolute expiry after that is not noticed.
RENEWALS = 4
# Request Timeout, Too Early, Too Many Requests (RFC 9110, RFC 8470, RFC 6585)
NO_REFUSAL = (408, 425, 429)


def cookie_set(run: ScenarioRun) -> Steps:
    """Take the step that sets the cookie; the promise is broken unless the browser then sends the cookie."""
    step = run.lifetime.set_by
    visit = yield from take_step(run, step, "set_by=")
    answer = yield ProbeCookie()
    if not answer.sent:
        run.broken(reasons.why_not_set(run, visit, answer))
    reasons.require_accepted(run)
    run.start_lifetime()
    run.remember(visit.held)


def take_step(run: ScenarioRun, step: Step, field: str, shows: bool | None = None) -> Generator[Need, Any, Visit]:
    """Take a step, and return its ``Visit``; a step that fails or answers with an error breaks the promise.

    ``field`` is the argument of ``Lifetime`` where the failure suggests another step.
    """
    visit: Visit = yield RunStep(step, shows)
    if visit.problem:
        run.broken(reasons.why_step_failed(run, visit, field))
    if run.is_set:
        reasons.require_accepted(run)
        run.remember(visit.held)
    return visit


def visited(run: ScenarioRun, when: str, due: datetime) -> Steps:
    """Visit the site at ``due``: the cookie must be sent, be renewed as declared, and be shown by the page.

    ``due`` is before the cookie's end. ``when`` are words for ``due`` in a failure.
    """
    lifetime = run.lifetime
    yield from is_sent_before(run, run.end, due)
    step = lifetime.renewal or lifetime.path
    looks = True if lifetime.shows and step == lifetime.path else None
    first_end, before = run.end, run.held
    visit = yield from take_step(run, step, "path= or renewed_by=", shows=looks)
    came = visit.exchanges[0].time if visit.exchanges else visit.time  # the first request, not network idle
    if came > first_end - TOO_NEAR:
        run.broken(reasons.too_late("visited", first_end, came))
    if not visit.held and visit.time < first_end - TOO_NEAR:
        run.broken(f"a visit to {in_words(step)} {when} ends it{reasons.why_gone(run, before, visit)}")
    if looks:  # first, since a session that the server ended may have been replaced by another, of another age
        reasons.require_shown(run, visit, when)
    if how := reasons.shortened(before, visit.held):
        run.broken(f"a visit to {in_words(step)} {when} {how}")
    left = first_end - came
    must_renew = bool(lifetime.renewal) and lifetime.window >= left
    if lifetime.renewal and abs(lifetime.window - left) < TOO_NEAR:
        pass  # so near to the beginning of the window, both are right
    elif must_renew and not run.renews(before, visit.held):
        run.broken(f"{in_words(step)} does not renew it {when}")
    elif must_renew and (renewed := _how_long(visit)) < min(run.lasts, AGE_LIMIT) - JITTER:
        run.broken(f"{in_words(step)} renews it for only {duration(renewed)} {when}")
    elif run.renews(before, visit.held) and not must_renew:
        remedy: Remedy | None = None if lifetime.renewal else "renewed_by"
        run.broken(reasons.renewed_undeclared(run, step, when, left), remedy=remedy)
    if lifetime.shows and not looks:
        before = visit.held
        visit = yield from take_step(run, lifetime.path, "path=", shows=True)
        if isinstance(lifetime.renewed_by, tuple) and not must_renew and run.renews(before, visit.held):
            run.broken(reasons.renewed_undeclared(run, lifetime.path, when, left))
        reasons.require_shown(run, visit, when)


def renewed_in_a_row(run: ScenarioRun) -> Steps:
    """Visit the site just before each renewed end, ``RENEWALS`` times, to find an absolute expiry."""
    if run.lifetime.renewal:
        for _ in range(RENEWALS):
            yield from visited(run, "when it has been renewed some times in a row", run.end - BEFORE)


def check_page(run: ScenarioRun, when: str) -> Steps:
    """Visit the lifetime's page, which must show what ``shows`` promises; do nothing without ``shows``."""
    if run.lifetime.shows:
        reasons.require_shown(run, (yield from take_step(run, run.lifetime.path, "path=", shows=True)), when)


def check_page_twice(run: ScenarioRun) -> Steps:
    """Check the lifetime's page twice.

    One visit proves too little: what it installs (a service worker) acts from the second visit on.
    """
    yield from check_page(run, "once it is set")
    yield from check_page(run, "when it is visited again")


def visit_after_end(run: ScenarioRun, when: str, why: str = "") -> Steps:
    """Visit the site after the cookie's end: neither its value nor what the page showed may come back.

    ``when`` are words for the moment in a failure, and ``why`` is what may have kept the cookie from ending.
    """
    step = run.lifetime.path
    visit: Visit = yield RunStep(step, shows=False if run.lifetime.shows else None)
    if run.lifetime.shows and visit.problem and not is_refusal(visit.status):
        run.broken(reasons.why_step_failed(run, visit, "path="))
    if visit.shown and why:
        run.broken(f"{in_words(step)} still shows {run.lifetime.what_shows} {when}: {why}")
    if visit.shown:
        why = reasons.who_keeps(run, visit)
        run.broken(f"{in_words(step)} still shows {run.lifetime.what_shows} {when}: {why}")
    if not (visit.held and reasons.is_new(run, visit)):
        return
    by = reasons.who_set(run, visit)
    if visit.held.value in run.values and is_identity(visit.held.value or ""):
        given: set[str] = yield VisitAsNewVisitor(run.lifetime.path)
        if visit.held.value not in given:
            run.broken(f"{by} sets it anew {when}, with the value that it had")
    run.note_set_anew(by, visit.time)


def is_sent(run: ScenarioRun, otherwise: str, due: datetime | None = None) -> Steps:
    """Probe at ``due`` (None: at once); the promise is broken, as ``otherwise`` says, unless the cookie is sent.

    A probe that came only after the cookie's end, on a busy machine, is told as such.
    """
    answer = yield ProbeCookie(due)
    if not answer.sent and run.lasts and answer.time > run.end - TOO_NEAR:
        run.broken(reasons.too_late("asked for", run.end, answer.time))
    if not answer.sent:
        run.broken(otherwise)


def is_gone(run: ScenarioRun, otherwise: str) -> Steps:
    """Probe at once; the promise is broken, as ``otherwise`` says, if the cookie is sent."""
    if (yield ProbeCookie()).sent:
        run.broken(otherwise)


def is_sent_before(run: ScenarioRun, end: datetime, due: datetime) -> Steps:
    """Probe at ``due``, shortly before ``end``; the promise is broken unless the cookie is sent.

    A probe that came too late, on a busy machine, is told as such.
    """
    answer = yield ProbeCookie(due)
    if not answer.sent and answer.time > end - TOO_NEAR:
        run.broken(reasons.too_late("asked for", end, answer.time))
    if not answer.sent:
        is_long = run.lasts > AGE_LIMIT
        cap = f": browsers keep no cookie for more than {duration(AGE_LIMIT)} (RFC 6265bis, 5.5)" if is_long else ""
        run.broken(f"is not sent {duration(end - answer.time)} before its end{cap}")


def is_gone_after(run: ScenarioRun, end: datetime) -> Steps:
    """Probe shortly after ``end``; the promise is broken if the cookie is sent."""
    answer = yield ProbeCookie(end + AFTER)
    if answer.sent:
        run.broken(f"is still sent {duration(answer.time - end)} after its end")


def _how_long(visit: Visit) -> timedelta:
    """Return for how long the browser will hold the cookie, counted from when the visit was asked for.

    A busy site may begin to answer long after it has computed an ``Expires``.
    """
    return visit.held.expires - visit.began if visit.held and visit.held.expires else timedelta.max


def require_it_worked(run: ScenarioRun, visit: Visit) -> None:
    """End the run as broken if a step that signs out met an error, though it signed out: a person sees the error.

    A page may refuse who is signed out by then, and a page of another host shows no error.
    """
    if visit.problem and not visit.by_its_host and not is_refusal(visit.status):
        run.broken(visit.problem)


def is_refusal(status: int) -> bool:
    """Return whether a site may answer with this status to somebody signed out: a 4xx, except for load or timeouts."""
    return 400 <= status < 500 and status not in NO_REFUSAL
