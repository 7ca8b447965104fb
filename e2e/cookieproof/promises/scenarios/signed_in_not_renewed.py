"""The scenario in which visits come too early to renew a sign-in, or are not to renew it."""

from __future__ import annotations

from datetime import timedelta

from cookieproof.promises.identity import is_identity
from cookieproof.promises.lifetimes import Lifetime, in_words
from cookieproof.promises.scenario_run import TOO_NEAR, ScenarioRun
from cookieproof.promises.sign_in_parts import as_sign_in_run, check_page, gone_after_its_end, signed_in
from cookieproof.promises.steps import Restart, RunStep, Steps, Visit
from cookieproof.words import duration, shown


class SignedInNotRenewed:
    """Visits half-way to the end, or to the window in which visits renew: the sign-in must end as without a visit."""

    name = "signed in and not renewed"

    def applies_to(self, lifetime: Lifetime, *, moves_clock: bool) -> bool:
        if lifetime.is_of_a_cookie or not isinstance(lifetime.lasts, timedelta):
            return False
        return not lifetime.renewal or lifetime.window < lifetime.lasts - 4 * TOO_NEAR

    def steps(self, run: ScenarioRun) -> Steps:
        yield from signed_in(run := as_sign_in_run(run))
        yield Restart()
        until = run.window_begins if run.lifetime.renewal else run.end
        end, step = run.latest_end, run.lifetime.renewal or run.lifetime.path
        due = run.begin + (until - run.begin) / 2
        if step != run.lifetime.path:
            yield RunStep(step, due=due)
        visit = yield from check_page(run, "half-way to its end", due)
        run.ends_by(end)
        path = in_words(step)
        # Which of both, the scenario without a visit says.
        why = f'a visit to {path} half-way renews it, or nothing ends it: declare renewed_by="{path}", or mend the site'
        if run.lifetime.renewal:
            why = f"{path} has renewed it before its last {duration(run.lifetime.window)}"
        elif without_age := _new_without_age(visit):
            # As a remember-me cookie does; to declare a renewal would be wrong.
            why = (
                f"a visit to {path} half-way has set {without_age}, which has no age: have the server end that session "
                "in time, too"
            )
        yield from gone_after_its_end(run, why)


def _new_without_age(visit: Visit) -> str:
    """Return the cookies that could identify a person and that the visit set anew, until the browser is closed.

    An empty text if one was set with an age, too, which may be the sign-in's, renewed.
    """
    before = visit.exchanges[0].cookies if visit.exchanges else {}
    found = [
        (each.name, each.expires(exchange.time))
        for exchange in visit.exchanges
        for each in exchange.set_cookies
        if is_identity(each.value)
    ]
    if any(expires for _, expires in found):
        return ""
    return " and ".join(f'"{shown(name)}"' for name in dict(found) if name not in before)
