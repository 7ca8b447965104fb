"""The step that both scenarios of a deletion share."""

from __future__ import annotations

from collections.abc import Sequence

from cookieproof.cookies import deletions
from cookieproof.cookies.cookie_event import CookieScope
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.promises import parts, reasons
from cookieproof.promises.lifetimes import in_words
from cookieproof.promises.scenario_run import ScenarioRun
from cookieproof.promises.steps import ProbeCookie, ProbeResult, RunStep, Steps, Visit

ENOUGH = "If it is enough that the page shows nobody signed in by then, declare what it shows: shows="
GONE = "once it was deleted"
NO_PAGE = (404, 405)  # no other declaration would help


def delete(run: ScenarioRun, when: str) -> Steps:
    """Take the step that deletes the cookie, and check that nothing comes back; ``when`` is said in a failure."""
    lifetime = run.lifetime
    assert lifetime.deleted_by
    before = run.all_held()
    visit: Visit = yield RunStep(lifetime.deleted_by, may_fail=True)
    hint = f". {ENOUGH}" if when else ""
    if visit.problem and not lifetime.shows:
        why = visit.problem if callable(lifetime.deleted_by) else reasons.why_step_failed(run, visit, "deleted_by=")
        run.broken(why if visit.status in NO_PAGE else f"{why}{hint}")
    answer: ProbeResult = yield ProbeCookie()
    held, why = run.all_held(), ""
    if held and _is_deleted(run, visit) and not _left_of(before, held) and not _has_value_of(run, held):
        run.note_set_anew()  # the next page has set a new cookie, such as an anonymous session's
    elif answer.sent or held:
        wire = run.exchanges
        left = _left_of(before, held) or held
        why = deletions.failure(lifetime.name, run.set_cookies, left, is_sent=answer.sent, wire=wire)
    if why and not lifetime.shows:
        run.broken(f"{in_words(lifetime.deleted_by)} does not delete it{when and ' '}{when}: {why}{hint}")
    yield from parts.visit_after_end(run, f"{GONE}{when and ' '}{when}", visit.problem or why)
    parts.require_it_worked(run, visit)


def _left_of(before: Sequence[StoredCookie], held: Sequence[StoredCookie]) -> list[StoredCookie]:
    """Return the held cookies that have not changed: of several of one name, a sign-out may miss one."""
    were = [(CookieScope.held(each), each.value) for each in before]
    return [each for each in held if (CookieScope.held(each), each.value) in were]


def _has_value_of(run: ScenarioRun, held: Sequence[StoredCookie]) -> bool:
    """Return whether a held cookie has a value that the cookie had before it was deleted."""
    return bool(run.values & {each.value for each in held})


def _is_deleted(run: ScenarioRun, visit: Visit) -> bool:
    """Return whether a response of the visit deleted the cookie at its host and path, and did not set it again."""
    scopes = {CookieScope.of(*each) for each in run.settings if each[0] not in visit.exchanges}
    for exchange in visit.exchanges:
        ours = [(exchange, cookie) for cookie in exchange.set_cookies if cookie.name == run.lifetime.name]
        if ours and deletions.deletes(*ours[-1]) and CookieScope.of(*ours[-1]) in scopes:
            return True
    return False
