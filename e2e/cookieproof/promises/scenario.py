"""One course of events that proves a part of a lifetime: what it needs next, and what was seen at its host."""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from cookieproof.cookies import deletions
from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.cookies.refusals import refusal, suspicion
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.errors import did_you_mean
from cookieproof.promises.lifetimes import CAP, Lifetime, Step, in_words
from cookieproof.visitor.visitor import Visitor
from cookieproof.words import duration, printable, shown

# A cookie is asked for so long before and after its end. Dates of cookies are whole seconds, and an answer that came
# nearer than TOO_NEAR to the end says nothing.
BEFORE, AFTER, TOO_NEAR = timedelta(seconds=10), timedelta(seconds=5), timedelta(seconds=2.5)
# What moves the end of a cookie by less renews nothing: a site may count in whole seconds.
JITTER = timedelta(seconds=1.5)
# A value of so many bits is one person's and no other's (OWASP asks for as many of a session id).
IDENTITY = 64
# Request Timeout, Too Early, Too Many Requests (RFC 9110, RFC 8470, RFC 6585)
NO_REFUSAL = (408, 425, 429)
ALPHABETS = (string.digits, "0123456789abcdef", string.ascii_letters + string.digits, string.printable)


@dataclass(frozen=True)
class Take:
    """Take a step of the lifetime's, at once. The answer is a ``Visit``.

    ``shows`` says whether the page is to show what the lifetime promises afterwards; None if nobody looks.
    A function that fails breaks the promise, unless it ``may_fail``: then the visit has a problem.
    """

    step: Step
    shows: bool | None = None
    may_fail: bool = False


@dataclass(frozen=True)
class Ask:
    """Ask whether the cookie is sent, when it is due. The answer is an ``Answer``."""

    due: datetime | None = None


@dataclass(frozen=True)
class Restart:
    """Wait for the restart of the browser."""


@dataclass(frozen=True)
class Stranger:
    """Visit a path as somebody who has been nowhere. The answer is a set: the values that the cookie then has."""

    path: str


@dataclass(frozen=True)
class Answer:
    """Whether the cookie was sent, and when it was known."""

    sent: bool
    time: datetime


@dataclass(kw_only=True)
class Seen:
    """What a page tells of a step.

    ``problem`` says why the step proves nothing, an empty text if it does; ``status`` is that of
    the page in the end, 0 if none came. ``shown`` says whether the page showed what the lifetime
    promises (None if nobody looked), ``document`` what the site answered as text, where it did not.
    """

    problem: str = ""
    status: int = 0
    shown: bool | None = None
    document: str = ""


@dataclass(kw_only=True)
class Visit(Seen):
    """What came of a step, beside: its exchanges at the scenario's own host, and the cookie that is held afterwards."""

    time: datetime
    exchanges: tuple[Exchange, ...]
    held: StoredCookie | None


Need = Take | Ask | Restart | Stranger
Course = Generator[Need, Any, None]


class Broken(Exception):
    """A sentence that goes on after "should last 7 days, but"."""


class Scenario:
    """One lifetime at a host of its own: how far its course has come, and what was seen on it."""

    def __init__(self, lifetime: Lifetime, course: Callable[[Scenario], Course], number: int, visitor: Visitor) -> None:
        self.lifetime, self.visitor = lifetime, visitor
        self.title = course.__name__.replace("_", " ")
        self._label = f"{number}-{course.__name__.replace('_', '-')}"
        self.group = 0  # which site it lives at; 0 until the first step
        self.https: bool | None = None  # whether the app has led there; None for the site's default
        self.begin = self.end = datetime.max.replace(tzinfo=UTC)
        self.exchanges: list[Exchange] = []
        self.held: StoredCookie | None = None  # as it was after the last step
        self.values: set[str] = set()  # which it had while it was to live
        self.is_set = False  # whether the cookie has been found set
        self.set_anew = False  # whether a visit has set it after its end
        self.seen: list[tuple[datetime, str]] = []
        self.failure = ""
        self.need: Need | None = None
        self._course = course(self)
        self.go_on()

    @property
    def site(self) -> str:
        return f"lifetimes-{self.group}.localhost"

    @property
    def host(self) -> str:
        return self.lifetime.host or f"{self._label}.{self.site}"

    @property
    def origin(self) -> str:
        """From where it is asked: of one site with all scenarios of its group."""
        return self.visitor.site.at(self.lifetime.host or self.site, https=self.https)

    def url(self, path: str) -> str:
        return self.visitor.site.at(self.host, https=self.https) + path

    def go_on(self, answer: Answer | Visit | set[str] | None = None) -> None:
        """Go on until something is needed. A broken promise ends the course."""
        try:
            self.need = self._course.send(answer)
        except StopIteration:
            self.need = None
        except Broken as broken:
            self.fail(str(broken))

    @property
    def due(self) -> datetime | None:
        """When what is needed is due; None for at once."""
        return self.need.due if isinstance(self.need, Ask) else None

    @property
    def step(self) -> Step | None:
        """The step that is to be taken next, if one is."""
        return self.need.step if isinstance(self.need, Take) else None

    def fail(self, what: str) -> None:
        self.need, self.failure = None, what

    # --- the parts of a course

    def set_cookie(self) -> Course:
        """Take the step that sets it, and see that the browser sends it."""
        step = self.lifetime.set_by
        visit = yield from self.take(step, "set_by=")
        answer = yield Ask()
        if not answer.sent:
            self.broken(self._why_not_set(visit, answer))
        self._must_be_taken()
        self.is_set, self.begin = True, self.end - self._lasts
        self._remember(visit.held)

    def take(self, step: Step, field: str, shows: bool | None = None) -> Generator[Need, Any, Visit]:
        """Take a step; one that proves nothing breaks the promise. ``field`` is where another one is to be named."""
        visit: Visit = yield Take(step, shows)
        if visit.problem:
            self.broken(f"{visit.problem}: name a page in {field}")
        if self.is_set:
            self._must_be_taken()
            self._remember(visit.held)
        return visit

    def visit(self, when: str, due: datetime) -> Course:
        """While it is to live somebody comes by: the cookie is sent and renewed as declared, and the page shows it."""
        lifetime = self.lifetime
        yield from self.sent_before(self.end, due)
        step = lifetime.renewal or lifetime.path
        looks = True if lifetime.shows and step == lifetime.path else None
        first_end, before = self.end, self.held
        visit = yield from self.take(step, "path= or renewed_by=", shows=looks)
        came = visit.exchanges[0].time if visit.exchanges else visit.time  # not when the page had come to rest
        if came > first_end - TOO_NEAR:
            self.broken(self._too_late("visited", first_end, came))
        if not visit.held and visit.time < first_end - TOO_NEAR:
            self.broken(f"a visit to {in_words(step)} {when} ends it")
        left = first_end - came
        must_renew = bool(lifetime.renewal) and lifetime.window >= left
        if lifetime.renewal and abs(lifetime.window - left) < TOO_NEAR:
            pass  # so near to the edge of its window either is right
        elif must_renew and not self._renews(before, visit.held):
            self.broken(f"{in_words(step)} does not renew it {when}")
        elif self._renews(before, visit.held) and not must_renew:
            self.broken(self._renewed_undeclared(step, when, left))
        if lifetime.shows:
            if looks is None:
                visit = yield from self.take(lifetime.path, "path=", shows=True)
            self._must_show(visit, when)

    def look(self, when: str) -> Course:
        """Visit the lifetime's page, which is to show what is promised, if something is."""
        if self.lifetime.shows:
            self._must_show((yield from self.take(self.lifetime.path, "path=", shows=True)), when)

    def come_back(self, when: str, why: str = "") -> Course:
        """After its end somebody comes by: nothing of it comes back. ``why`` says what may have kept it from ending."""
        step = self.lifetime.path
        visit: Visit = yield Take(step, shows=False if self.lifetime.shows else None)
        if self.lifetime.shows and visit.problem and not _is_refusal(visit.status):
            self.broken(f"{visit.problem}: name a page in path=")
        if visit.shown and why:
            self.broken(f"{in_words(step)} still shows {self.lifetime.what_shows} {when}: {why}")
        if visit.shown:
            self.broken(f"{in_words(step)} still shows {self.lifetime.what_shows} {when}: {self._who_keeps(visit)}")
        if not (visit.held and self._is_new(visit)):
            return
        self.set_anew = True
        by = self._who_set(visit)
        if visit.held.value in self.values and is_identity(visit.held.value or ""):
            given: set[str] = yield Stranger(self.lifetime.path)
            if visit.held.value not in given:
                self.broken(f"{by} sets it anew {when}, with the value that it had")
        self.visitor.site.note("set anew", f"by {by}", self.visitor.number, host=self.host)
        self.seen.append((visit.time, f"set anew by {by}"))

    def sent(self, otherwise: str, due: datetime | None = None) -> Course:
        if not (yield Ask(due)).sent:
            self.broken(otherwise)

    def gone(self, otherwise: str) -> Course:
        if (yield Ask()).sent:
            self.broken(otherwise)

    def sent_before(self, end: datetime, due: datetime) -> Course:
        answer = yield Ask(due)
        if not answer.sent and answer.time > end - TOO_NEAR:
            self.broken(self._too_late("asked for", end, answer.time))
        if not answer.sent:
            is_long = self._lasts > CAP
            cap = f": browsers keep no cookie for more than {duration(CAP)} (RFC 6265bis, 5.5)" if is_long else ""
            self.broken(f"is not sent {duration(end - answer.time)} before its end{cap}")

    def gone_after(self, end: datetime) -> Course:
        answer = yield Ask(end + AFTER)
        if answer.sent:
            self.broken(f"is still sent {duration(answer.time - end)} after its end")

    def broken(self, what: str) -> NoReturn:
        held = ", ".join(map(str, self.all_held())) or "no such cookie"
        self.seen.append((self.visitor.clock.now(), f"the browser holds {held}"))
        raise Broken(what)

    # --- what is made of it

    @property
    def _lasts(self) -> timedelta:
        lasts = self.lifetime.lasts
        return lasts if isinstance(lasts, timedelta) else timedelta(0)

    def _remember(self, held: StoredCookie | None) -> None:
        if held and held.value:
            self.values.add(held.value)

    def _why_not_set(self, visit: Visit, answer: Answer) -> str:
        step, names = self.lifetime.set_by, {cookie.name for _, cookie in self.set_cookies}
        if any(end <= answer.time for end in self.ends[-1:] if end):
            return "is set with an age, which is over already"
        if elsewhere := [cookie for cookie in self.all_held() if cookie != visit.held]:
            path, there = shown(self.lifetime.path), shown(elsewhere[-1].path)
            return f'is set for {there}, and not sent to {path}: declare path="{there}"'
        if self.settings:
            exchange, cookie = self.settings[-1]
            why = refusal(exchange, cookie) or suspicion(exchange, cookie)
            return f"is refused by the browser{why and ', since '}{why}"
        hint = did_you_mean(self.lifetime.name, names)
        later = (
            "" if callable(step) or names else (". A page's script may set it later: use a function that waits for it")
        )
        return f"is never set by {in_words(step)}{hint and '.'}{hint or later}".removesuffix(".")

    def _must_be_taken(self) -> None:
        """What was set last is what the browser holds, not what it held before."""
        for exchange, cookie in self.settings[-1:]:
            if why := refusal(exchange, cookie):
                by = f"{exchange.method} {printable(exchange.path)}"
                self.broken(
                    f"is refused by the browser when {by} sets it, which keeps what it held before, since {why}"
                )

    def _renews(self, before: StoredCookie | None, after: StoredCookie | None) -> bool:
        if not after or after.expires is None:
            return False
        return before is None or (before.expires is not None and after.expires > before.expires + JITTER)

    def _renewed_undeclared(self, step: Step, when: str, left: timedelta) -> str:
        if self.lifetime.renewal:
            window = duration(self.lifetime.window)
            return f"{in_words(step)} renews it {duration(left)} before its end, not in the last {window} alone"
        path = printable(self.lifetime.path)
        return f'a visit to {path} {when} renews it: declare renewed_by="{path}", or mend the site'

    def _must_show(self, visit: Visit, when: str) -> None:
        if not visit.shown:
            path, what = in_words(self.lifetime.path), self.lifetime.what_shows
            self.broken(f"{path} does not show {what} {when}: {self._who_ended(visit)}")

    def _who_ended(self, visit: Visit) -> str:
        """Browser, server or page, as far as the visit tells."""
        name, text = self.lifetime.name, self.lifetime.shows
        if any(name in exchange.cookies for exchange in visit.exchanges):
            if isinstance(text, str) and text in visit.document:
                return "the page ended it: the site still sends it, and a script or a style hides it"
            return "the server ended it: the browser still sent the cookie"
        if any(end and end <= visit.time for end in self.ends[-1:]):
            return "the browser ended it: the cookie's age is over"
        deleted = [each for each in self.set_cookies if each[1].name == name and deletions.deletes(*each)]
        if deleted:
            return f"the server ended it: {deleted[-1][0].method} {printable(deleted[-1][0].path)} deleted the cookie"
        return "the page ended it: no answer of the site did, and the browser no longer sends the cookie"

    def _who_keeps(self, visit: Visit) -> str:
        """What was sent that may have signed in anew."""
        first = next(iter(visit.exchanges), None)
        if first is None:
            return "the site was not asked, so the page came from the browser itself"
        if first.cookies:
            names = ", ".join(f'"{shown(name)}"' for name in first.cookies)
            return f"with {names} the browser was known to the site"
        return "the browser sent no cookie, so something else told the site who it is"

    def _is_new(self, visit: Visit) -> bool:
        """Whether this visit set what is held after it."""
        return bool(visit.exchanges) and self.lifetime.name not in visit.exchanges[0].cookies

    def _who_set(self, visit: Visit) -> str:
        for exchange in visit.exchanges:
            if any(cookie.name == self.lifetime.name for cookie in exchange.set_cookies):
                return f"{exchange.method} {printable(exchange.path)}"
        return f"a script of {in_words(self.lifetime.path)}"

    def _too_late(self, done: str, end: datetime, time: datetime) -> str:
        return (
            f"could not be {done} before its end at {end:%H:%M:%S}, only at {time:%H:%M:%S}: prove fewer "
            "lifetimes at once, or where less else runs"
        )

    # --- what was seen

    @property
    def set_cookies(self) -> list[tuple[Exchange, SetCookie]]:
        """Every ``Set-Cookie`` of this host."""
        return [(exchange, cookie) for exchange in self.exchanges for cookie in exchange.set_cookies]

    @property
    def settings(self) -> list[tuple[Exchange, SetCookie]]:
        """What set the cookie, deletions aside."""
        ours = [each for each in self.set_cookies if each[1].name == self.lifetime.name]
        return [each for each in ours if not deletions.deletes(*each)]

    @property
    def cookie_names(self) -> set[str]:
        """Of all cookies that were set here, as far as the wire tells."""
        return {cookie.name for _, cookie in self.set_cookies}

    @property
    def ends(self) -> list[datetime | None]:
        """Until when each setting of the cookie was to last; None with the browser."""
        return [cookie.expires(exchange.time) for exchange, cookie in self.settings]

    def all_held(self) -> list[StoredCookie]:
        """What the browser holds of it, of any path and domain."""
        self.visitor.move_to(self.host)
        return [cookie for cookie in self.visitor.stored_list if cookie.name == self.lifetime.name]

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
        if visit.exchanges and (not self.is_set or self._renews(before, visit.held)):
            # What a script set is not on the wire: it counts from the page that came last.
            names = [(each.time, each.set_cookies) for each in visit.exchanges]
            was_set = [time for time, cookies in names if any(each.name == self.lifetime.name for each in cookies)]
            if self._lasts:
                self.end = (was_set or [visit.exchanges[-1].time])[-1] + self._lasts
        self.held = visit.held
        self._see(visit)
        self.go_on(visit)

    def _see(self, visit: Visit) -> None:
        for exchange in visit.exchanges:
            headers = [str(cookie) for cookie in exchange.set_cookies if cookie.name == self.lifetime.name]
            if headers or exchange == visit.exchanges[-1]:
                told = "".join(f", Set-Cookie: {header}" for header in headers)
                what = f"{exchange.method} {printable(exchange.path)}: {exchange.status}{told}"
                self.seen.append((exchange.time, what))
        if visit.shown is not None:
            does = "shows" if visit.shown else "does not show"
            self.seen.append((visit.time, f"the page {does} {self.lifetime.what_shows}"))

    def told(self, known: str) -> list[str]:
        """What was seen, below how it failed, unless that is known."""
        lines = [f"    {time:%Y-%m-%d %H:%M:%S} UTC  {what}" for time, what in sorted(self.seen)]
        but = ":" if self.failure == known else f", but {self._sentence}"
        return [f"  {self.title}, at {self.host}{but}", *lines]

    @property
    def headline(self) -> str:
        return f"{self.lifetime}, should {self.lifetime.promise}, but {self._sentence}"

    @property
    def _sentence(self) -> str:
        return f"{self.failure}.".replace("?.", "?")


def told(scenarios: Sequence[Scenario]) -> str:
    """How one lifetime's scenarios failed: the first failure, and what was seen in each. Empty if none failed."""
    failed = [scenario for scenario in scenarios if scenario.failure]
    if not failed:
        return ""
    lines = [failed[0].headline, *(line for scenario in failed for line in scenario.told(failed[0].failure))]
    return printable("\n".join(lines), keep="\n\t\x1b")  # what a user's function raised may have these


def reaches_out(exchange: Exchange, site: str) -> bool:
    """Whether an answer changes cookies of other hosts of its site: all of them, or by Domain."""
    return exchange.clears_cookies or any(
        (cookie.domain(exchange.host) or "").startswith(".") and f".{site}".endswith(cookie.domain(exchange.host) or "")
        for cookie in exchange.set_cookies
    )


def _is_refusal(status: int) -> bool:
    """Whether a site may answer so to whoever is not signed in; what tells of its load or its time tells nothing."""
    return 400 <= status < 500 and status not in NO_REFUSAL


def is_identity(value: str) -> bool:
    """Whether there is room for ``IDENTITY`` bits in the value, by the smallest alphabet that has its characters.

    What has no digit is taken for words, such as ``Europe/Copenhagen``.
    """
    alphabet = next((each for each in ALPHABETS if set(value) <= set(each)), string.printable)
    return len(value) * math.log2(len(alphabet)) >= IDENTITY and not set(value).isdisjoint(string.digits)
