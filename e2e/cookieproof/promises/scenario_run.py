"""One run of a scenario for a lifetime, at a host of its own: what it needs next, and what was seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, NoReturn

from cookieproof.cookies import deletions
from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.promises.lifetimes import Lifetime, Step, in_words
from cookieproof.promises.steps import BrokenPromise, Need, ProbeCookie, ProbeResult, RunStep, Visit
from cookieproof.visitor.visitor import Visitor
from cookieproof.words import printable, shown

if TYPE_CHECKING:
    from cookieproof.promises.scenarios.scenario import Scenario

# The probe asks so long before and after a cookie's end. Dates of cookies are whole seconds, and an answer that came
# nearer than TOO_NEAR to the end says nothing.
BEFORE, AFTER, TOO_NEAR = timedelta(seconds=10), timedelta(seconds=5), timedelta(seconds=2.5)
# A visit that moves a cookie's end by less is no renewal: a site may count in whole seconds.
JITTER = timedelta(seconds=1.5)

# The argument of Lifetime by which the promise would be kept.
Remedy = Literal["renewed_by"]


class ScenarioRun:
    """A run of ``scenario`` for ``lifetime``, at a host of its own: what it needs next, and what was seen."""

    def __init__(self, lifetime: Lifetime, scenario: Scenario, number: int, visitor: Visitor) -> None:
        self.lifetime, self.visitor, self.scenario, self.title = lifetime, visitor, scenario, scenario.name
        self._label = f"{number}-{scenario.name.replace(' ', '-')}"
        self.site_number = 0  # the number of the site that its host belongs to; 0 until the first step
        self.https: bool | None = None  # whether the app has redirected to https; None for the site's default
        self.begin = self.end = datetime.max.replace(tzinfo=UTC)
        self.exchanges: list[Exchange] = []  # those with this run's host
        self.held: StoredCookie | None = None  # the cookie after the last step
        self.values: set[str] = set()  # the values that the cookie had during its lifetime
        self.is_set = False  # whether the cookie has been found set
        self.set_anew = False  # whether a visit has set it after its end
        self.seen_shown = False  # whether a page has shown what is promised
        self.was_sent = False  # whether the cookie was sent at the last probe
        self.by_the_server = False  # whether it failed since the server ended the session, though the cookie was sent
        self.remedy: Remedy | None = None
        self.cookie_names: set[str] = set()  # of cookies set at this host, as far as exchanges and browser show
        self._seen: list[tuple[datetime, str]] = []
        self.failure = ""
        self.need: Need | None = None
        self._steps = scenario.steps(self)
        self.send_answer()

    @property
    def site(self) -> str:
        return f"lifetimes-{self.site_number}.localhost"

    @property
    def host(self) -> str:
        return self.lifetime.host or f"{self._label}.{self.site}"

    @property
    def origin(self) -> str:
        """The origin from which the probe asks, which all runs at this run's site share."""
        return self.visitor.site.at(self.lifetime.host or self.site, https=self.https)

    def url(self, path: str) -> str:
        return self.visitor.site.at(self.host, https=self.https) + path

    def send_answer(self, answer: ProbeResult | Visit | Sequence[Exchange] | set[str] | None = None) -> None:
        """Send ``answer`` to the scenario, and keep what it needs next in ``need``. A broken promise ends the run."""
        if isinstance(answer, ProbeResult):
            self.was_sent = answer.sent
        try:
            self.need = self._steps.send(answer)
        except StopIteration:
            self.need = None
        except BrokenPromise as broken:
            self.fail(str(broken))

    @property
    def due(self) -> datetime | None:
        """The moment at which the need is due; None for at once."""
        return self.need.due if isinstance(self.need, ProbeCookie | RunStep) else None

    @property
    def step(self) -> Step | None:
        """The step that is to be taken next; None if no step is."""
        return self.need.step if isinstance(self.need, RunStep) else None

    def use_site(self, site_number: int) -> None:
        """Set the number of the site that the run's host belongs to."""
        self.site_number = site_number

    def use_https(self) -> None:
        """Visit over https from now on: the app has redirected to it."""
        self.https = True

    def stop(self) -> None:
        """End the run without a failure: another run of its lifetime has failed for the same reason."""
        self.need = None

    def start_lifetime(self) -> None:
        """Note that the cookie is set, and count its lifetime from its last ``Set-Cookie``."""
        self.is_set, self.begin = True, self.end - self.lasts

    def note_set_anew(self, by: str = "", time: datetime | None = None) -> None:
        """Note for the report that a visit has set the cookie after its end, and by what (``by``), if that is known."""
        self.set_anew = True
        if by and time:
            self.visitor.site.note("set anew", f"by {by}", self.visitor.number, host=self.host)
            self.note_seen(time, f"set anew by {by}")

    def fail(self, what: str) -> None:
        self.need, self.failure = None, what

    def broken(self, what: str, *, by_the_server: bool = False, remedy: Remedy | None = None) -> NoReturn:
        """End the run by raising ``BrokenPromise(what)``. ``remedy`` is what would have to be declared."""
        self.by_the_server, self.remedy = by_the_server, remedy
        held = ", ".join(map(str, self.all_held())) or "no such cookie"
        self.note_seen(self.visitor.clock.now(), f"the browser holds {held}")
        raise BrokenPromise(what)

    @property
    def lasts(self) -> timedelta:
        return self.lifetime.lasts if isinstance(self.lifetime.lasts, timedelta) else timedelta(0)

    def remember(self, held: StoredCookie | None) -> None:
        if held and held.value:
            self.values.add(held.value)

    def renews(self, before: StoredCookie | None, after: StoredCookie | None) -> bool:
        if not after or after.expires is None:
            return False
        return before is None or (before.expires is not None and after.expires > before.expires + JITTER)

    # --- what was seen

    @property
    def set_cookies(self) -> list[tuple[Exchange, SetCookie]]:
        """Each ``Set-Cookie`` of this run's host, with its exchange."""
        return [(exchange, cookie) for exchange in self.exchanges for cookie in exchange.set_cookies]

    @property
    def settings(self) -> list[tuple[Exchange, SetCookie]]:
        """Each ``Set-Cookie`` that set the lifetime's cookie, without deletions."""
        ours = [each for each in self.set_cookies if each[1].name == self.lifetime.name]
        return [each for each in ours if not deletions.deletes(*each)]

    @property
    def ends(self) -> list[datetime | None]:
        """The expiry of each ``Set-Cookie`` of the cookie; None for one that ends with the browser."""
        return [cookie.expires(exchange.time) for exchange, cookie in self.settings]

    def note_seen(self, time: datetime, what: str) -> None:
        """Keep a line for a failure, with the time at which it was seen."""
        self._seen.append((time, what))

    def note_exchange(self, exchange: Exchange) -> None:
        """Add an exchange with this run's host."""
        self.exchanges.append(exchange)
        self.cookie_names |= {cookie.name for cookie in exchange.set_cookies}

    def note_names(self, held: Sequence[StoredCookie]) -> None:
        """Add the names of cookies that the browser holds for this run's host."""
        self.cookie_names |= {cookie.name for cookie in held}

    def all_held(self) -> list[StoredCookie]:
        """The cookies of this name that the browser holds for this run's host, of any path and domain."""
        self.visitor.move_to(self.host)
        return [cookie for cookie in self.visitor.stored_list if self.is_about(cookie.name)]

    def is_about(self, name: str) -> bool:
        """Return whether the promise is about the cookie of this name."""
        return name == self.lifetime.name

    def finish_step(self, visit: Visit) -> None:
        """Take over the result of a step, and send it to the scenario."""
        step, before = self.step, self.held
        assert step is not None
        if not visit.exchanges and callable(step) and not visit.problem:
            self.fail(
                f"{in_words(step)} did not visit {self.host}, the host that this lifetime has to itself: "
                "have it begin with visitor.goto(…), which knows the host"
            )
            return
        if visit.exchanges and (not self.is_set or self.renews(before, visit.held)):
            # No exchange shows what a script set: its lifetime counts from the last page.
            names = [(each.time, each.set_cookies) for each in visit.exchanges]
            was_set = [time for time, cookies in names if any(each.name == self.lifetime.name for each in cookies)]
            if self.lasts:
                last = (was_set or [visit.exchanges[-1].time])[-1]
                self.end = _end_by_the_browser(visit, self.lasts) or last + self.lasts
        self.held = visit.held
        self.seen_shown = self.seen_shown or bool(visit.shown)
        self._see(visit)
        self.send_answer(visit)

    def _see(self, visit: Visit) -> None:
        documents = [each for each in visit.exchanges if each.fetch_mode in (None, "navigate")]
        for exchange in visit.exchanges:
            set_here = [each for each in exchange.set_cookies if self.is_about(each.name)]
            headers = [*(f"Set-Cookie: {each}" for each in set_here), *_clearing(exchange)]
            if headers or exchange.location or exchange == (documents or visit.exchanges)[-1]:
                led = f" to {shown(exchange.location)}" if exchange.location else ""
                asked = f"{exchange.method} {printable(exchange.path)}: {exchange.status}"
                self.note_seen(exchange.time, ", ".join([asked + led, *headers]))
        if visit.shown is not None:
            does = "shows" if visit.shown else "does not show"
            self.note_seen(visit.time, f"the page {does} {self.lifetime.what_shows}")

    def failure_lines(self, known: str) -> list[str]:
        """Return lines about how the run failed (unless it is ``known`` from the headline), and what was seen."""
        lines = [f"    {time:%Y-%m-%d %H:%M:%S} UTC  {what}" for time, what in sorted(self._seen)]
        but = ":" if self.failure == known else f", but {self._sentence}"
        return [f"  {self.title}, at {self.host}{but}", *lines]

    @property
    def headline(self) -> str:
        return f"{self.lifetime}, should {self.lifetime.promise}, but {self._sentence}"

    @property
    def _sentence(self) -> str:
        return f"{self.failure}.".replace("?.", "?")


def failure_text(runs: Sequence[ScenarioRun]) -> str:
    """Return how the first failed run failed, and what was seen in each failed run; an empty text if none failed."""
    failed = [run for run in runs if run.failure]
    if not failed:
        return ""
    lines = [failed[0].headline, *(line for run in failed for line in run.failure_lines(failed[0].failure))]
    return printable("\n".join(lines), keep="\n\t\x1b")  # what a user's function raised may have these


def _clearing(exchange: Exchange) -> list[str]:
    """Return the ``Clear-Site-Data`` line of a response, if it has one."""
    return [f"Clear-Site-Data: {shown(exchange.clear_site_data)}"] if exchange.clear_site_data else []


def _end_by_the_browser(visit: Visit, lasts: timedelta) -> datetime | None:
    """Return the cookie's expiry in the browser's store if the visit set it to last so long; else None."""
    expires = visit.held.expires if visit.held else None
    first, last = visit.began + lasts - JITTER, visit.time + lasts + JITTER
    return expires if expires and first <= expires <= last else None
