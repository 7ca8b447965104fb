"""The courses of events that prove a lifetime, each at a host of its own, since they would spoil each other.

To add one: write a generator of ``Scenario``'s parts, which yields what is needed next, and name it in ``courses``. All
that is dated comes after ``Restart``, which every lifetime of a list shares.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from cookieproof.cookies import deletions
from cookieproof.promises.lifetimes import WITH_THE_BROWSER, Lifetime, in_words
from cookieproof.promises.scenario import AFTER, BEFORE, TOO_NEAR, Answer, Ask, Course, Restart, Scenario, Take, Visit
from cookieproof.words import duration

SOON = timedelta(seconds=3)  # at the least: a visit that comes sooner moves no date by a whole second
NEAR = timedelta(seconds=6)  # a visit that comes later may come too late
# How long a browser stays open until it has outlived a token of some minutes (OWASP has idle sessions end after 15 to
# 30), and until whoever signs out comes late.
A_WHILE, AN_HOUR = timedelta(minutes=20), timedelta(hours=1)
RESTARTED = "after the browser was closed and opened again"
ENOUGH = "If it is enough that the page shows nobody signed in by then, declare what it shows: shows="
GONE = "once it was deleted"


def courses(lifetime: Lifetime, *, moves_clock: bool) -> list[Callable[[Scenario], Course]]:
    """Those that prove this lifetime; those that take time only where the clock ``moves_clock``."""
    if lifetime.lasts == WITH_THE_BROWSER:
        chosen: list[Callable[[Scenario], Course]] = [browser_closed]
        chosen += [a_while_later] if lifetime.shows and moves_clock else []
    else:
        chosen = [left_alone, visited_soon_and_late, visited_half_way]
        chosen += [visited_at_the_last_moment] if lifetime.shows else []
        chosen += [visited_at_the_edge] if lifetime.window < lifetime.lasts - 4 * TOO_NEAR else []
    if lifetime.deleted_by:
        chosen += [deleted, *([deleted_late] if moves_clock else [])]
    return chosen


def left_alone(scenario: Scenario) -> Course:
    """Asked by the probe alone, which is no visit: that would renew a sliding session. Its last step may be one."""
    yield from scenario.set_cookie()
    yield Restart()
    yield from scenario.sent(f"is not sent {RESTARTED}")
    yield from scenario.sent_before(scenario.end, scenario.end - BEFORE)
    yield from scenario.gone_after(scenario.end)
    if scenario.lifetime.shows:
        yield from scenario.come_back("after its end")


def browser_closed(scenario: Scenario) -> Course:
    """Somebody comes by, which may give it an age, and then closes the browser."""
    yield from scenario.set_cookie()
    path = in_words(scenario.lifetime.path)
    if scenario.held and scenario.held.expires:
        pass  # no visit may take that from it before the browser is closed
    elif scenario.lifetime.shows:
        yield from scenario.look("once it is set")
    else:
        yield from scenario.take(scenario.lifetime.path, "path=")
        yield from scenario.sent(f"is not sent any more after a visit to {path}")
    yield Restart()
    yield from scenario.gone(f"is still sent {RESTARTED}")
    if any(scenario.ends[-1:]):
        scenario.broken("is set with an age, which was over by chance when the browser was opened again")
    yield from scenario.come_back(RESTARTED)


def a_while_later(scenario: Scenario) -> Course:
    """The browser stays open for a while: who is signed in still is."""
    yield Restart()
    yield from scenario.set_cookie()
    later = f"{duration(A_WHILE)} later, in the same browser"
    yield from scenario.sent(f"is not sent {later}", due=scenario.visitor.clock.now() + A_WHILE)
    yield from scenario.look(later)


def visited_soon_and_late(scenario: Scenario) -> Course:
    yield from scenario.set_cookie()
    yield from scenario.look("once it is set")
    yield Restart()
    lasts = scenario.end - scenario.begin
    yield from scenario.visit("soon after it was set", scenario.begin + max(lasts / 20, SOON))
    yield from scenario.visit("in the last tenth of its time", scenario.end - max(lasts / 20, NEAR))


def visited_half_way(scenario: Scenario) -> Course:
    """Half-way to its end somebody comes by, and just before it, if nobody has to see what the page shows then."""
    yield from scenario.set_cookie()
    yield Restart()
    moments = {"half-way to its end": (scenario.end - scenario.begin) / 2, "just before its end": BEFORE}
    for when, left in moments.items():
        first_end = scenario.end
        yield from scenario.visit(when, first_end - left)
        if scenario.end > first_end:
            yield from scenario.sent("is not sent after its first end, though it was renewed", due=first_end + AFTER)
    if scenario.end > first_end:
        yield from scenario.sent_before(scenario.end, scenario.end - BEFORE)
    yield from scenario.gone_after(scenario.end)
    yield from scenario.come_back("after its end")  # as somebody whose browser has seen the page


def visited_at_the_last_moment(scenario: Scenario) -> Course:
    """Nobody comes by until just before its end: whoever does then still sees what is promised."""
    yield from scenario.set_cookie()
    yield Restart()
    yield from scenario.visit("just before its end", scenario.end - BEFORE)


def visited_at_the_edge(scenario: Scenario) -> Course:
    """Where only its last hours renew it: a little before they begin, and a little after."""
    yield from scenario.set_cookie()
    yield Restart()
    window, lasts = scenario.lifetime.window, scenario.end - scenario.begin
    edge = max(min(window, lasts - window) / 10, TOO_NEAR * 1.5)
    first_end = scenario.end
    yield from scenario.visit("before the time in which it is to be renewed", first_end - window - edge)
    if scenario.end == first_end:
        yield from scenario.visit("as the time begins in which it is to be renewed", first_end - window + edge)


def deleted(scenario: Scenario) -> Course:
    yield from scenario.set_cookie()
    # Whoever signs out has seen the page, by which it may have been set once more, or kept in another place.
    if scenario.lifetime.shows:
        yield from scenario.look("once it is set")
    else:
        yield from scenario.take(scenario.lifetime.path, "path=")
    yield from _delete(scenario, "")
    yield Restart()
    if not (scenario.set_anew or scenario.lifetime.shows):
        yield from scenario.gone("is sent again after its deletion, once the browser was closed and opened")
    if scenario.lifetime.shows:
        yield from scenario.come_back(f"after its deletion, {RESTARTED}")


def deleted_late(scenario: Scenario) -> Course:
    """What is to delete it may itself end before: a token of some minutes, say."""
    if scenario.lifetime.lasts == WITH_THE_BROWSER:
        yield Restart()
        yield from scenario.set_cookie()
        due, when = scenario.visitor.clock.now() + AN_HOUR, "an hour later"
    else:
        yield from scenario.set_cookie()
        yield Restart()
        due, when = scenario.end - (scenario.end - scenario.begin) / 2, "half-way to its end"
    answer: Answer = yield Ask(due)
    if not answer.sent:
        return  # it has ended already, of which another scenario tells
    lifetime = scenario.lifetime
    if lifetime.shows and callable(lifetime.deleted_by):
        # Whoever comes to press a button sees first whether they are still signed in.
        visit: Visit = yield Take(lifetime.path, shows=False)
        if not visit.problem and not visit.shown:
            return
    yield from _delete(scenario, when)


def _delete(scenario: Scenario, when: str) -> Course:
    lifetime = scenario.lifetime
    assert lifetime.deleted_by
    visit: Visit = yield Take(lifetime.deleted_by, may_fail=True)
    hint = f". {ENOUGH}" if when else ""
    if visit.problem and not lifetime.shows:
        named = "" if callable(lifetime.deleted_by) else ": name a page in deleted_by="
        scenario.broken(f"{visit.problem}{named}{hint}")
    answer: Answer = yield Ask()
    held, why = scenario.all_held(), ""
    ours = [each for each in scenario.set_cookies if each[1].name == lifetime.name and each[0] in visit.exchanges]
    if held and any(deletions.deletes(*each) for each in ours) and not scenario.values & {each.value for each in held}:
        scenario.set_anew = True  # it led to a page that sets another: an anonymous session, say
    elif answer.sent or held:
        why = deletions.failure(lifetime.name, scenario.set_cookies, held, is_sent=answer.sent)
    if why and not lifetime.shows:
        scenario.broken(f"{in_words(lifetime.deleted_by)} does not delete it{when and ' '}{when}: {why}{hint}")
    yield from scenario.come_back(f"{GONE}{when and ' '}{when}", visit.problem or why)
