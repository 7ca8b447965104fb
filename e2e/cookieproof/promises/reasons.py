"""Why a scenario fails, in sentences: who set, ended or kept what, as far as the visits show."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from cookieproof.cookies import deletions
from cookieproof.cookies.cookie_event import CookieScope, as_stored, method_and_path, site_of
from cookieproof.cookies.eviction import COOKIES_PER_SITE, other_cookies
from cookieproof.cookies.refusals import likely_refusal, refusal
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.errors import did_you_mean
from cookieproof.promises.lifetimes import Step, in_words
from cookieproof.promises.scenario_run import JITTER, ScenarioRun
from cookieproof.promises.steps import ProbeResult, Visit
from cookieproof.words import duration, printable, shown

# Statuses with which a site may refuse a host that is not its own (RFC 9110, 15.5)
REFUSES_A_HOST = (400, 403, 421)
TITLE = re.compile(r"<title\b.*?</title\s*>", re.I | re.S)


def why_step_failed(run: ScenarioRun, visit: Visit, field: str) -> str:
    """Return why a step proves nothing, and what to do, as a clause.

    ``field`` is the argument of ``Lifetime`` where another step is to be named.
    """
    if visit.by_its_host:
        return visit.problem
    if visit.status == 405:  # RFC 9110, 15.5.6
        return f"{visit.problem}, since it is for forms: use a function in {field} that sends the form"
    is_refused = visit.status in REFUSES_A_HOST and not run.is_set and not run.lifetime.host
    or_host = ", or host= if the site knows only its own hosts" if is_refused else ""
    return f"{visit.problem}: name a page in {field}{or_host}"


def why_not_set(run: ScenarioRun, visit: Visit, answer: ProbeResult) -> str:
    """Return why the browser does not send the cookie after the step that sets it, as a clause."""
    step, names = run.lifetime.set_by, {cookie.name for _, cookie in run.set_cookies}
    if past := in_the_past(run):
        return past
    if any(end <= answer.time for end in run.ends[-1:] if end):
        return "is set with an age, which is over already"
    if elsewhere := [cookie for cookie in run.all_held() if cookie != visit.held]:
        path, there = shown(run.lifetime.path), shown(elsewhere[-1].path)
        return f'is set for {there}, and not sent to {path}: declare path="{there}"'
    if run.settings:
        exchange, cookie = run.settings[-1]
        why = refusal(exchange, cookie) or likely_refusal(exchange, cookie)
        domain = cookie.attributes.get("domain", "").removeprefix(".")
        is_elsewhere = domain and not f".{exchange.host}".endswith(f".{domain.removesuffix('.')}")
        if not why and (gone := _why_gone_at_once(run, visit)):
            return f"is set by {method_and_path(exchange)}, and gone at once{gone}"
        remedy = f': declare host="{printable(domain)}", or a host below it' if is_elsewhere else ""
        return f"is refused by the browser{why and ', since '}{why}{remedy}"
    if callable(step) and visit.exchanges and visit.exchanges[-1].status >= 400:
        last = visit.exchanges[-1]
        return f"is never set by {in_words(step)}: {last.method} {printable(last.path)} answered {last.status}"
    hint = did_you_mean(run.lifetime.name, names)
    later = "" if callable(step) or names else (". A page's script may set it later: use a function that waits for it")
    return f"is never set by {in_words(step)}{hint and '.'}{hint or later}".removesuffix(".")


def _why_gone_at_once(run: ScenarioRun, visit: Visit) -> str:
    """Return what removed the cookie in the very visit that set it, as ``why_gone`` does; empty if unknown."""
    exchange, cookie = run.settings[-1]
    if exchange not in visit.exchanges:
        return ""
    since = replace(visit, exchanges=visit.exchanges[visit.exchanges.index(exchange) :])
    # A browser takes what a navigation sets, unless it has a reason not to; a fetch may ignore cookies.
    is_visit = exchange.fetch_mode == "navigate" and not cookie.is_partitioned
    scope, end = CookieScope.of(exchange, cookie), cookie.expires(exchange.time)
    return why_gone(run, as_stored(scope, cookie, end) if is_visit else None, since)


def in_the_past(run: ScenarioRun) -> str:
    """Return that the cookie was set with an Expires in the past, which deletes it; an empty text if it was not."""
    ours = [each for each in run.set_cookies if each[1].name == run.lifetime.name]
    past = deletions.past_expires(*ours[-1]) if ours else None
    return f"is set with an Expires {duration(past)} in the past" if past else ""


def require_accepted(run: ScenarioRun) -> None:
    """End the run as broken if the browser refused the cookie's last ``Set-Cookie``, and kept the old cookie."""
    for exchange, cookie in run.settings[-1:]:
        if why := refusal(exchange, cookie):
            by = f"{exchange.method} {printable(exchange.path)}"
            run.broken(f"is refused by the browser when {by} sets it, which keeps what it held before, since {why}")


def renewed_undeclared(run: ScenarioRun, step: Step, when: str, left: timedelta) -> str:
    """Return that a step renewed the cookie ``left`` before its end, which is not declared, as a clause."""
    if run.lifetime.renewal:
        window = duration(run.lifetime.window)
        return f"{in_words(step)} renews it {duration(left)} before its end, not only in the last {window}"
    path = printable(run.lifetime.path)
    return f'a visit to {path} {when} renews it: declare renewed_by="{path}", or mend the site'


def why_gone(run: ScenarioRun, before: StoredCookie | None, visit: Visit) -> str:
    """Return why the browser no longer holds the cookie after a visit: ``": GET /out deletes it"``.

    An empty text if the reason is unknown.
    """
    name = run.lifetime.name
    for exchange in visit.exchanges:
        by = f"{exchange.method} {printable(exchange.path)}"
        if any(each.name == name and deletions.deletes(exchange, each) for each in exchange.set_cookies):
            return f": {by} deletes it"
        if exchange.clears_cookies:
            return f": {by} clears all cookies"
    if not before:
        return ""
    others = other_cookies(name, CookieScope.held(before), visit.exchanges, run.visitor.store.snapshot())
    if others > COOKIES_PER_SITE:
        return f": the browser took {others} other cookies of {site_of(before.domain)}, and evicted it"
    return ": no answer deletes it, so a script does" if not before.http_only else ""


def shortened(before: StoredCookie | None, after: StoredCookie | None) -> str:
    """Return how a visit made a cookie end sooner: ``"has it end 2 days sooner"``; an empty text if it did not."""
    if not before or not after or CookieScope.held(before) != CookieScope.held(after) or not before.expires:
        return ""
    if not after.expires:
        return "takes its age from it, so that it ends with the browser"
    by = before.expires - after.expires
    return f"has it end {duration(by)} sooner" if by > JITTER else ""


def require_shown(run: ScenarioRun, visit: Visit, when: str) -> None:
    """End the run as broken, with who ended it, unless the page showed what ``shows`` promises."""
    if not visit.shown:
        path, what = in_words(run.lifetime.path), run.lifetime.what_shows
        is_known = any(run.lifetime.name in exchange.cookies for exchange in visit.exchanges)
        text = run.lifetime.shows
        if isinstance(text, str) and is_only_in_title(visit.document, text):
            run.broken(f"{path} does not show {what} {when}: it is only in its title, and not on the page")
        spelled = "" if run.seen_shown else ". Is that spelled as the page shows it?"
        why = f"{who_ended(run, visit)}{spelled}"
        run.broken(f"{path} does not show {what} {when}: {why}", by_the_server=is_known)


def contains_text(document: str, text: str) -> bool:
    """Return whether the text is in an HTML document, whatever elements it is spread over."""
    return " ".join(text.split()) in " ".join(re.sub(r"<[^>]*>", "", document).split())


def is_only_in_title(document: str, text: str) -> bool:
    """Return whether an HTML document has the text only in its title, which is not on the page."""
    without = TITLE.sub("", document)
    return contains_text(document, text) and not contains_text(without, text)


def who_ended(run: ScenarioRun, visit: Visit) -> str:
    """Return who ended what the page showed, as a clause: the browser, the server or the page."""
    name, text = run.lifetime.name, run.lifetime.shows
    if any(name in exchange.cookies for exchange in visit.exchanges):
        if isinstance(text, str) and contains_text(visit.document, text):
            return "the page ended it: the site still sends it, and a script or a style hides it"
        return "the server ended it: the browser still sent the cookie"
    if any(end and end <= visit.time for end in run.ends[-1:]):
        return "the browser ended it: the cookie's age is over"
    deleted = [each for each in run.set_cookies if each[1].name == name and deletions.deletes(*each)]
    if deleted:
        return f"the server ended it: {deleted[-1][0].method} {printable(deleted[-1][0].path)} deleted the cookie"
    return "the page ended it: no answer of the site did, and the browser no longer sends the cookie"


def who_keeps(run: ScenarioRun, visit: Visit) -> str:
    """Return why the page still shows somebody signed in: by which cookies, by its cache, or by a script."""
    first, text = next(iter(visit.exchanges), None), run.lifetime.shows
    if first and isinstance(text, str) and visit.document and not contains_text(visit.document, text):
        return "the page kept it: the site's answer does not hold it, so a script drew it"
    if first is None:
        return "the site was not asked, so the page came from the browser itself"
    if first.cookies:
        names = ", ".join(f'"{shown(name)}"' for name in first.cookies)
        return f"with {names} the browser was known to the site"
    return "the browser sent no cookie, so something else told the site who it is"


def is_new(run: ScenarioRun, visit: Visit) -> bool:
    """Return whether this visit set the cookie that is held after it."""
    if not visit.exchanges:  # the page came from the browser's cache, or from a service worker's
        return not run.was_sent
    return run.lifetime.name not in visit.exchanges[0].cookies


def who_set(run: ScenarioRun, visit: Visit) -> str:
    """Return method and path of the exchange that set the cookie in this visit, or else a script of the page."""
    for exchange in visit.exchanges:
        if any(cookie.name == run.lifetime.name for cookie in exchange.set_cookies):
            return f"{exchange.method} {printable(exchange.path)}"
    return f"a script of {in_words(run.lifetime.path)}"


def too_late(done: str, end: datetime, time: datetime) -> str:
    """Return that what was to be ``done`` before ``end`` was done only at ``time``, as a clause."""
    return (
        f"could not be {done} before its end at {end:%H:%M:%S}, only at {time:%H:%M:%S}: prove fewer "
        "lifetimes at once, or where less else runs"
    )
