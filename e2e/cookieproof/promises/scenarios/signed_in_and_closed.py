"""The scenario in which somebody signs in and closes the browser at once, without a further visit."""

from __future__ import annotations

from cookieproof.promises import reasons
from cookieproof.promises.lifetimes import WITH_THE_BROWSER, Lifetime, in_words
from cookieproof.promises.parts import RESTARTED, is_refusal
from cookieproof.promises.scenario_run import ScenarioRun
from cookieproof.promises.sign_in_parts import as_sign_in_run, gone
from cookieproof.promises.sign_in_reasons import who_ended
from cookieproof.promises.steps import Restart, RunStep, Steps, Visit

AT_ONCE = f"{RESTARTED}, without a visit between"


class SignedInAndClosed:
    """Closes the browser right after the sign-in: a visit may give the sign-in an age, or take it away.

    Whether the step signs anybody in at all is checked by the scenarios that visit the page before.
    """

    name = "signed in and closed"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        return not lifetime.is_of_a_cookie

    def steps(self, run: ScenarioRun) -> Steps:
        visit: Visit = yield RunStep((run := as_sign_in_run(run)).lifetime.set_by)
        if visit.problem:
            run.broken(reasons.why_step_failed(run, visit, "set_by="))
        run.begins(visit)
        run.note_signed_in()
        yield Restart()
        if run.lifetime.lasts == WITH_THE_BROWSER:
            yield from gone(run, AT_ONCE)
            return
        visit = yield RunStep(run.lifetime.path, shows=True)
        if visit.problem and not is_refusal(visit.status):
            run.broken(reasons.why_step_failed(run, visit, "path="))
        if not visit.shown:
            path, what = in_words(run.lifetime.path), run.lifetime.what_shows
            sent = visit.exchanges[0].cookies if visit.exchanges else {}
            has_all = run.sent.keys() <= sent.keys()  # then the cookies do not tell what was lost
            why = f"it is kept only once {path} has been visited" if has_all else who_ended(run, visit)
            run.broken(f"{path} does not show {what} {AT_ONCE}: {why}")
