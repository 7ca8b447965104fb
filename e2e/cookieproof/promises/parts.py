"""The parts of which courses are made: what somebody does, and what must then be seen."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Any

from cookieproof.promises import reasons
from cookieproof.promises.identity import is_identity
from cookieproof.promises.lifetimes import CAP, Step, in_words
from cookieproof.promises.scenario import AFTER, BEFORE, JITTER, TOO_NEAR, Remedy, Scenario
from cookieproof.promises.steps import Ask, Need, Steps, Stranger, Take, Visit
from cookieproof.words import duration

RESTARTED = "after the browser was closed and opened again"
# How often in a row it is renewed beside: an absolute end that comes later is not seen.
RENEWALS = 4
# Request Timeout, Too Early, Too Many Requests (RFC 9110, RFC 8470, RFC 6585)
NO_REFUSAL = (408, 425, 429)


def cookie_set(scenario: Scenario) -> Steps:
    """Take the step that sets it, and see that the browser sends it."""
    step = scenario.lifetime.set_by
    visit = yield from taken(scenario, step, "set_by=")
    answer = yield Ask()
    if not answer.sent:
        scenario.broken(reasons.why_not_set(scenario, visit, answer))
    reasons.must_be_taken(scenario)
    scenario.begin_to_live()
    scenario.remember(visit.held)


def taken(scenario: Scenario, step: Step, field: str, shows: bool | None = None) -> Generator[Need, Any, Visit]:
    """Take a step; one that proves nothing breaks the promise. ``field`` is where another one is to be named."""
    visit: Visit = yield Take(step, shows)
    if visit.problem:
        scenario.broken(reasons.no_step(scenario, visit, field))
    if scenario.is_set:
        reasons.must_be_taken(scenario)
        scenario.remember(visit.held)
    return visit


def visited(scenario: Scenario, when: str, due: datetime) -> Steps:
    """While it is to live somebody comes by: the cookie is sent and renewed as declared, and the page shows it."""
    lifetime = scenario.lifetime
    yield from is_sent_before(scenario, scenario.end, due)
    step = lifetime.renewal or lifetime.path
    looks = True if lifetime.shows and step == lifetime.path else None
    first_end, before = scenario.end, scenario.held
    visit = yield from taken(scenario, step, "path= or renewed_by=", shows=looks)
    came = visit.exchanges[0].time if visit.exchanges else visit.time  # not when the page had come to rest
    if came > first_end - TOO_NEAR:
        scenario.broken(reasons.too_late(scenario, "visited", first_end, came))
    if not visit.held and visit.time < first_end - TOO_NEAR:
        scenario.broken(f"a visit to {in_words(step)} {when} ends it{reasons.why_gone(scenario, before, visit)}")
    if looks:  # first: one that the server ended may have been replaced by another, of another age
        reasons.must_show(scenario, visit, when)
    if how := reasons.shortened(before, visit.held):
        scenario.broken(f"a visit to {in_words(step)} {when} {how}")
    left = first_end - came
    must_renew = bool(lifetime.renewal) and lifetime.window >= left
    if lifetime.renewal and abs(lifetime.window - left) < TOO_NEAR:
        pass  # so near to the edge of its window either is right
    elif must_renew and not scenario.renews(before, visit.held):
        scenario.broken(f"{in_words(step)} does not renew it {when}")
    elif must_renew and (renewed := _how_long(visit, came)) < min(scenario.lasts, CAP) - JITTER:
        scenario.broken(f"{in_words(step)} renews it for {duration(renewed)} alone {when}")
    elif scenario.renews(before, visit.held) and not must_renew:
        remedy: Remedy | None = None if lifetime.renewal else "renewed_by"
        scenario.broken(reasons.renewed_undeclared(scenario, step, when, left), remedy=remedy)
    if lifetime.shows and not looks:
        before = visit.held
        visit = yield from taken(scenario, lifetime.path, "path=", shows=True)
        if isinstance(lifetime.renewed_by, tuple) and not must_renew and scenario.renews(before, visit.held):
            scenario.broken(reasons.renewed_undeclared(scenario, lifetime.path, when, left))
        reasons.must_show(scenario, visit, when)


def renewed_in_a_row(scenario: Scenario) -> Steps:
    """Somebody comes by just before each end to which it was renewed: a session with an absolute end ends then."""
    if scenario.lifetime.renewal:
        for _ in range(RENEWALS):
            yield from visited(scenario, "when it has been renewed some times in a row", scenario.end - BEFORE)


def looked_at(scenario: Scenario, when: str) -> Steps:
    """Visit the lifetime's page, which is to show what is promised, if something is."""
    if scenario.lifetime.shows:
        reasons.must_show(scenario, (yield from taken(scenario, scenario.lifetime.path, "path=", shows=True)), when)


def looked_at_twice(scenario: Scenario) -> Steps:
    """Visit the lifetime's page twice.

    What is shown once proves nothing, and what the first visit installs (a service worker) acts from the second on.
    """
    yield from looked_at(scenario, "once it is set")
    yield from looked_at(scenario, "when it is visited again")


def come_back(scenario: Scenario, when: str, why: str = "") -> Steps:
    """After its end somebody comes by: nothing of it comes back. ``why`` says what may have kept it from ending."""
    step = scenario.lifetime.path
    visit: Visit = yield Take(step, shows=False if scenario.lifetime.shows else None)
    if scenario.lifetime.shows and visit.problem and not _is_refusal(visit.status):
        scenario.broken(reasons.no_step(scenario, visit, "path="))
    if visit.shown and why:
        scenario.broken(f"{in_words(step)} still shows {scenario.lifetime.what_shows} {when}: {why}")
    if visit.shown:
        why = reasons.who_keeps(scenario, visit)
        scenario.broken(f"{in_words(step)} still shows {scenario.lifetime.what_shows} {when}: {why}")
    if not (visit.held and reasons.is_new(scenario, visit)):
        return
    by = reasons.who_set(scenario, visit)
    if visit.held.value in scenario.values and is_identity(visit.held.value or ""):
        given: set[str] = yield Stranger(scenario.lifetime.path)
        if visit.held.value not in given:
            scenario.broken(f"{by} sets it anew {when}, with the value that it had")
    scenario.note_set_anew(by, visit.time)


def is_sent(scenario: Scenario, otherwise: str, due: datetime | None = None) -> Steps:
    if not (yield Ask(due)).sent:
        scenario.broken(otherwise)


def is_gone(scenario: Scenario, otherwise: str) -> Steps:
    if (yield Ask()).sent:
        scenario.broken(otherwise)


def is_sent_before(scenario: Scenario, end: datetime, due: datetime) -> Steps:
    answer = yield Ask(due)
    if not answer.sent and answer.time > end - TOO_NEAR:
        scenario.broken(reasons.too_late(scenario, "asked for", end, answer.time))
    if not answer.sent:
        is_long = scenario.lasts > CAP
        cap = f": browsers keep no cookie for more than {duration(CAP)} (RFC 6265bis, 5.5)" if is_long else ""
        scenario.broken(f"is not sent {duration(end - answer.time)} before its end{cap}")


def is_gone_after(scenario: Scenario, end: datetime) -> Steps:
    answer = yield Ask(end + AFTER)
    if answer.sent:
        scenario.broken(f"is still sent {duration(answer.time - end)} after its end")


def _how_long(visit: Visit, since: datetime) -> timedelta:
    """For how long the browser holds it, from a moment on."""
    return visit.held.expires - since if visit.held and visit.held.expires else timedelta.max


def _is_refusal(status: int) -> bool:
    """Whether a site may answer so to whoever is not signed in; what tells of its load or its time tells nothing."""
    return 400 <= status < 500 and status not in NO_REFUSAL
