"""One run of one scenario for one lifetime, at a host of its own: what it needs next, and what was seen."""

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

# A cookie is asked for so long before and after its end. Dates of cookies are whole seconds, and an answer that came
# nearer than TOO_NEAR to the end says nothing.
BEFORE, AFTER, TOO_NEAR = timedelta(seconds=10), timedelta(seconds=5), timedelta(seconds=2.5)
# What moves the end of a cookie by less renews nothing: a site may count in whole seconds.
JITTER = timedelta(seconds=1.5)

# A declaration that would be kept.
Remedy = Literal["renewed_by"]


class ScenarioRun:
    """A run of ``scenario`` for ``lifetime``, at a host of its own: what it needs next, and what was seen in it."""

    def __init__(self, lifetime: Lifetime, scenario: Scenario, number: int, visitor: Visitor) -> None:
        self.lifetime, self.visitor, self.scenario, self.title = lifetime, visitor, scenario, scenario.name
        self._label = f"{number}-{scenario.name.replace(' ', '-')}"
        self.site_number = 0  # the number of the site that its host belongs to; 0 until the first step
        self.https: bool | None = None  # whether the app has led there; None for the site's default
        self.begin = self.end = datetime.max.replace(tzinfo=UTC)
        self.exchanges: list[Exchange] = []  # with this run's host
        self.held: StoredCookie | None = None  # as it was after the last step
        self.values: set[str] = set()  # which it had while it was to live
        self.is_set = False  # whether the cookie has been found set
        self.set_anew = False  # whether a visit has set it after its end
        self.seen_shown = False  # whether a page has shown what is promised
        self.was_sent = False  # when it was last asked for
        self.by_the_server = False  # whether it failed since the server had forgotten, though the cookie was sent
        self.remedy: Remedy | None = None
        self.cookie_names: set[str] = set()  # that were set here, as far as the wire and the browser tell
        self._seen: list[tuple[datetime, str]] = []
        self.failure = ""
        self.need: Need | None = None
        self._steps = scenario.steps(self)
        self.go_on()

    @property
    def site(self) -> str:
        return f"lifetimes-{self.site_number}.localhost"

    @property
    def host(self) -> str:
        return self.lifetime.host or f"{self._label}.{self.site}"

    @property
    def origin(self) -> str:
        """From where the browser is asked: the origin that all runs at its site share."""
        return self.visitor.site.at(self.lifetime.host or self.site, https=self.https)

    def url(self, path: str) -> str:
        return self.visitor.site.at(self.host, https=self.https) + path

    def go_on(self, answer: ProbeResult | Visit | Sequence[Exchange] | set[str] | None = None) -> None:
        """Hand ``answer`` to the scenario and keep what it needs next in ``need``. A broken promise ends the run."""
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
        """When what is needed is due; None for at once."""
        return self.need.due if isinstance(self.need, ProbeCookie | RunStep) else None

    @property
    def step(self) -> Step | None:
        """The step that is to be taken next, if one is."""
        return self.need.step if isinstance(self.need, RunStep) else None

    def use_site(self, site_number: int) -> None:
        """Set the number of the site that the run's host belongs to."""
        self.site_number = site_number

    def use_https(self) -> None:
        """Go on over https: the app has led there."""
        self.https = True

    def need_nothing_more(self) -> None:
        """End the run without a failure: another run of its lifetime has failed as this one would."""
        self.need = None

    def begin_to_live(self) -> None:
        """Note that the cookie is set, and that its lifetime counts from its last ``Set-Cookie``."""
        self.is_set, self.begin = True, self.end - self.lasts

    def note_set_anew(self, by: str = "", time: datetime | None = None) -> None:
        """Note for the report that a visit has set the cookie after its end, and ``by`` whom, if that is known."""
        self.set_anew = True
        if by and time:
            self.visitor.site.note("set anew", f"by {by}", self.visitor.number, host=self.host)
            self.note_seen(time, f"set anew by {by}")

    def fail(self, what: str) -> None:
        self.need, self.failure = None, what

    def broken(self, what: str, *, by_the_server: bool = False, remedy: Remedy | None = None) -> NoReturn:
        """End the run: the promise is broken, as ``what`` says. ``remedy`` is what would have to be declared."""
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
        """Each ``Set-Cookie`` that set the cookie, without deletions."""
        ours = [each for each in self.set_cookies if each[1].name == self.lifetime.name]
        return [each for each in ours if not deletions.deletes(*each)]

    @property
    def ends(self) -> list[datetime | None]:
        """The expiry of each ``Set-Cookie`` of the cookie; None for one that ends with the browser."""
        return [cookie.expires(exchange.time) for exchange, cookie in self.settings]

    def note_seen(self, time: datetime, what: str) -> None:
        """Keep a line that a failure shows, with the time at which it was seen."""
        self._seen.append((time, what))

    def note_exchange(self, exchange: Exchange) -> None:
        """Add an exchange with this run's host."""
        self.exchanges.append(exchange)
        self.cookie_names |= {cookie.name for cookie in exchange.set_cookies}

    def note_names(self, held: Sequence[StoredCookie]) -> None:
        """Add the names of cookies that the browser holds for this run's host, whoever set them."""
        self.cookie_names |= {cookie.name for cookie in held}

    def all_held(self) -> list[StoredCookie]:
        """The cookies of this name that the browser holds for this run's host, of any path and domain."""
        self.visitor.move_to(self.host)
        return [cookie for cookie in self.visitor.stored_list if self.is_about(cookie.name)]

    def is_about(self, name: str) -> bool:
        """Whether the promise is about the cookie of this name."""
        return name == self.lifetime.name

    def done(self, visit: Visit) -> None:
        """Take in what a step brought about, and go on."""
        step, before = self.step, self.held
        assert step is not None
        if not visit.exchanges and callable(step) and not visit.problem:
            self.fail(
                f"{in_words(step)} did not visit {self.host}, the host that this lifetime has to itself: "
                "have it begin with visitor.goto(…), which knows the host"
            )
            return
        if visit.exchanges and (not self.is_set or self.renews(before, visit.held)):
            # What a script set is not on the wire: it counts from the page that came last.
            names = [(each.time, each.set_cookies) for each in visit.exchanges]
            was_set = [time for time, cookies in names if any(each.name == self.lifetime.name for each in cookies)]
            if self.lasts:
                last = (was_set or [visit.exchanges[-1].time])[-1]
                self.end = _end_by_the_browser(visit, self.lasts) or last + self.lasts
        self.held = visit.held
        self.seen_shown = self.seen_shown or bool(visit.shown)
        self._see(visit)
        self.go_on(visit)

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
        """Return how the run failed, unless that is ``known`` from the headline, and below it what was seen."""
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
    """Say how the first failed run of one lifetime failed, and what was seen in each that failed. Empty if none did."""
    failed = [run for run in runs if run.failure]
    if not failed:
        return ""
    lines = [failed[0].headline, *(line for run in failed for line in run.failure_lines(failed[0].failure))]
    return printable("\n".join(lines), keep="\n\t\x1b")  # what a user's function raised may have these


def _clearing(exchange: Exchange) -> list[str]:
    """Return the line of an answer that has the browser forget cookies, if it has one."""
    return [f"Clear-Site-Data: {shown(exchange.clear_site_data)}"] if exchange.clear_site_data else []


def _end_by_the_browser(visit: Visit, lasts: timedelta) -> datetime | None:
    """Return the cookie's expiry in the browser's store, if the visit set it to last so long; else None."""
    expires = visit.held.expires if visit.held else None
    first, last = visit.exchanges[0].time + lasts - JITTER, visit.time + lasts + JITTER
    return expires if expires and first <= expires <= last else None
