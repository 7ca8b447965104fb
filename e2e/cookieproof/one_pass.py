"""Proves any number of lifetimes in two lives of one visitor and one walk along the clock.

Each lifetime is told as a few stories (left alone, visited, deleted), each at a host of its
own, since they would spoil each other. A story is a generator, which yields what it needs
next; the planner does what is due, asks for many cookies at once, restarts the browser when
all stories wait for it, and else moves the clock to whatever comes first.
"""

from __future__ import annotations

import contextlib
import itertools
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NoReturn

import pytest

from cookieproof import deletions, timeline
from cookieproof.clock import Clock
from cookieproof.disk import StoredCookie
from cookieproof.errors import did_you_mean
from cookieproof.lifetimes import CAP, WITH_THE_BROWSER, Lifetime, Step, in_words
from cookieproof.timeline import MOVED, Event
from cookieproof.visitor import Visitor
from cookieproof.wire import Exchange, SetCookie
from cookieproof.words import duration, printable, shown

# A cookie is asked for so long before and after its end. Dates of cookies are whole seconds, and an answer that came
# nearer than TOO_NEAR to the end says nothing.
BEFORE, AFTER, TOO_NEAR = timedelta(seconds=10), timedelta(seconds=5), timedelta(seconds=2.5)
# What is due within so short a time waits for the last of it: one move of the clock, one question.
TOGETHER = timedelta(seconds=3)
# Browsers keep 180 cookies of a site, and then forget the oldest (Chromium 30 of them at once).
ROOM = 150
MOST_FRAMES = 3


@dataclass(frozen=True)
class Verdict:
    """What became of one lifetime: the failure's text, or why it was not run, and the report's picture."""

    outcome: Literal["kept", "broken", "not run"]
    text: str = ""
    timeline: dict[str, Any] | None = None


# --- what a story needs next


@dataclass(frozen=True)
class Do:
    """Take a step of the lifetime's, when it is due (at once without a moment)."""

    step: Step
    due: datetime | None = None


@dataclass(frozen=True)
class Ask:
    """Ask whether the cookie is sent, when it is due. The planner answers with an ``Answer``."""

    due: datetime | None = None


@dataclass(frozen=True)
class Restart:
    """Wait for the one restart of the browser."""


@dataclass(frozen=True)
class Answer:
    """Whether the cookie was sent, and when it was known."""

    sent: bool
    time: datetime


Need = Do | Ask | Restart
Tale = Generator[Need, Answer, None]


class Broken(Exception):
    """A sentence that goes on after "should last 7 days, but"."""


class Ended(Exception):
    """A lifetime whose function ended the browser, and the failure's text."""


# --- the stories


def left_alone(story: Story) -> Tale:
    yield from story.set()
    yield Restart()
    if story.lifetime.lasts == WITH_THE_BROWSER:
        yield from story.gone("is still sent after the browser was closed and opened again")
        if any(story.ends[-1:]):
            story.broken("is set with an age, which was over by chance when the browser was opened again")
    else:
        yield from story.sent("is not sent after the browser was closed and opened again")
        yield from story.sent_until(story.end)


def visited(story: Story) -> Tale:
    """Half-way to its end somebody comes by."""
    lifetime, visit = story.lifetime, story.lifetime.renewed_by or story.lifetime.path
    yield from story.set()
    yield Restart()
    first_end, before = story.end, len(story.ends)
    assert isinstance(lifetime.lasts, timedelta)
    yield Do(visit, due=first_end - lifetime.lasts / 2)
    renewed = any(end > first_end + AFTER for end in story.ends[before:] if end)
    if lifetime.renewed_by and not renewed:
        story.broken(f"{in_words(visit)} does not renew it")
    if renewed and not lifetime.renewed_by:
        path = printable(lifetime.path)
        story.broken(f'a visit to {path} renews it: declare renewed_by="{path}", or mend the site')
    if renewed:
        yield from story.sent("is not sent after its first end, though it was renewed", due=first_end + AFTER)
    yield from story.sent_until(story.end if renewed else first_end)


def deleted(story: Story) -> Tale:
    lifetime = story.lifetime
    assert lifetime.deleted_by
    yield from story.set()
    yield Do(lifetime.deleted_by)
    answer = yield Ask()
    why = deletions.failure(lifetime.name, story.set_cookies, story.held(), is_sent=answer.sent)
    if why:
        story.broken(f"{in_words(lifetime.deleted_by)} does not delete it: {why}")
    yield Restart()
    yield from story.gone("is sent again after its deletion, once the browser was closed and opened")


class Story:
    """One lifetime at a host of its own: what was seen there, and how far its tale has come."""

    def __init__(self, lifetime: Lifetime, tale: Callable[[Story], Tale], number: int, visitor: Visitor) -> None:
        self.lifetime, self.visitor = lifetime, visitor
        self.title = tale.__name__.replace("_", " ")
        self._label = f"{number}-{tale.__name__.replace('_', '-')}"
        self.group = 0  # which site it lives at; 0 until the first step
        self.https: bool | None = None  # whether the app has led there; None for the site's default
        self.end = datetime.max.replace(tzinfo=UTC)
        self.is_set = False  # whether the cookie has been found set
        self.seen: list[tuple[datetime, str]] = []
        self.failure = ""
        self.need: Need | None = None
        self._tale = tale(self)
        self.go_on()

    @property
    def site(self) -> str:
        return f"lifetimes-{self.group}.localhost"

    @property
    def host(self) -> str:
        return f"{self._label}.{self.site}"

    @property
    def origin(self) -> str:
        """From where it is asked: of one site with all stories of its group."""
        return self.visitor.site.at(self.site, https=self.https)

    def url(self, path: str) -> str:
        return self.visitor.site.at(self.host, https=self.https) + path

    def go_on(self, answer: Answer | None = None) -> None:
        """Tell on until something is needed. A broken promise ends the tale."""
        try:
            self.need = self._tale.send(answer)  # type: ignore[arg-type]  # None is for what was done
        except StopIteration:
            self.need = None
        except Broken as broken:
            self.fail(str(broken))

    @property
    def due(self) -> datetime | None:
        """When what is needed is due; None for at once."""
        return self.need.due if isinstance(self.need, Do | Ask) else None

    @property
    def step(self) -> Step | None:
        """The step that is to be taken next, if one is."""
        return self.need.step if isinstance(self.need, Do) else None

    def fail(self, what: str) -> None:
        self.need, self.failure = None, what

    # --- the parts of a tale

    def set(self) -> Tale:
        step = self.lifetime.set_by
        yield Do(step)
        if isinstance(step, str) and not self.settings and not (yield Ask()).sent:
            yield Do(_visit(step))  # a page's script may set it, or the site tells a visit from a fetch
        answer = yield Ask()
        if not answer.sent:
            names = {cookie.name for _, cookie in self.set_cookies}
            hint = "" if self.settings else did_you_mean(self.lifetime.name, names)
            state = "is refused by the browser" if self.settings else f"is never set by {in_words(step)}"
            if any(end <= answer.time for end in self.ends[-1:] if end):
                state = "is set with an age, which is over already"
            self.broken(f"{state}.{hint}".removesuffix("."))
        self.is_set = True

    def sent(self, otherwise: str, due: datetime | None = None) -> Tale:
        if not (yield Ask(due)).sent:
            self.broken(otherwise)

    def gone(self, otherwise: str) -> Tale:
        if (yield Ask()).sent:
            self.broken(otherwise)

    def sent_until(self, end: datetime) -> Tale:
        """Both sides of the edge."""
        answer = yield Ask(end - BEFORE)
        if not answer.sent and answer.time > end - TOO_NEAR:
            self.broken(
                f"could not be asked for before its end at {end:%H:%M:%S}, only at {answer.time:%H:%M:%S}: prove fewer "
                "lifetimes at once, or where less else runs"
            )
        if not answer.sent:
            is_long = isinstance(self.lifetime.lasts, timedelta) and self.lifetime.lasts > CAP
            cap = f": browsers keep no cookie for more than {duration(CAP)} (RFC 6265bis, 5.5)" if is_long else ""
            self.broken(f"is not sent {duration(end - answer.time)} before its end{cap}")
        answer = yield Ask(end + AFTER)
        if answer.sent:
            self.broken(f"is still sent {duration(answer.time - end)} after its end")

    def broken(self, what: str) -> NoReturn:
        held = ", ".join(map(str, self.held())) or "no such cookie"
        self.seen.append((self.visitor.clock.now(), f"the browser holds {held}"))
        raise Broken(what)

    # --- what was seen

    @property
    def exchanges(self) -> list[Exchange]:
        return [exchange for exchange in self.visitor.wire if exchange.host == self.host]

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
    def ends(self) -> list[datetime | None]:
        """Until when each setting of the cookie was to last; None with the browser."""
        return [cookie.expires(exchange.time) for exchange, cookie in self.settings]

    def held(self) -> list[StoredCookie]:
        """What the browser holds of it."""
        self.visitor.move_to(self.host)
        return [cookie for cookie in self.visitor.stored_list if cookie.name == self.lifetime.name]

    def done(self, exchanges: Sequence[Exchange]) -> None:
        """Take in what a step brought about, and tell on."""
        if not exchanges:
            assert isinstance(self.need, Do)
            self.fail(
                f"{in_words(self.need.step)} did not visit {self.host}, the host that this lifetime has to itself: "
                "have it begin with visitor.goto(…), which knows the host"
            )
            return
        was_set = [exchange.time for exchange, _ in self.settings if exchange in exchanges]
        if isinstance(self.lifetime.lasts, timedelta) and (was_set or not self.is_set):
            # What a script set is not on the wire: it counts from the page that came last.
            self.end = (was_set or [exchanges[-1].time])[-1] + self.lifetime.lasts
        for exchange in exchanges:
            headers = [str(cookie) for cookie in exchange.set_cookies if cookie.name == self.lifetime.name]
            if headers or exchange == exchanges[-1]:
                told = "".join(f", Set-Cookie: {header}" for header in headers)
                what = f"{exchange.method} {printable(exchange.path)}: {exchange.status}{told}"
                self.seen.append((exchange.time, what))
        self.go_on()

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


def told(stories: Sequence[Story]) -> str:
    """How one lifetime's stories failed: the first failure, and what was seen in each. An empty text if none failed."""
    failed = [story for story in stories if story.failure]
    if not failed:
        return ""
    lines = [failed[0].headline, *(line for story in failed for line in story.told(failed[0].failure))]
    return printable("\n".join(lines), keep="\n\t\x1b")  # what a user's function raised may have these


def _visit(path: str) -> Callable[[Visitor], object]:
    def visit(visitor: Visitor) -> None:
        visitor.goto(path)

    visit.__name__ = path
    return visit


# --- the planner


def prove(
    lifetimes: Sequence[Lifetime],
    new_visitor: Callable[[], Visitor],
    clock: Clock,
    no_clock: str = "",
    first: int = 1,
) -> dict[Lifetime, Verdict]:
    """The verdicts on all lifetimes.

    ``no_clock`` says why the clock cannot be moved, if it cannot. ``first`` is the first lifetime's number, after which
    its hosts are named.
    """
    lifetimes = list(dict.fromkeys(lifetimes))
    verdicts = {each: Verdict("not run", no_clock) for each in lifetimes if no_clock and each.lasts != WITH_THE_BROWSER}
    while left := [lifetime for lifetime in lifetimes if lifetime not in verdicts]:
        one_pass = Pass(left, new_visitor(), clock, first)
        try:
            one_pass.walk()
            return verdicts | one_pass.verdicts()
        except Ended as ended:
            # With the browser the others' cookies are gone too: they begin anew, without the one that ended it.
            culprit, text = ended.args
            verdicts[culprit] = Verdict("broken", text)
            one_pass.visitor.crash()
    return verdicts


class Pass:
    """One walk through all stories."""

    def __init__(self, lifetimes: Sequence[Lifetime], visitor: Visitor, clock: Clock, first: int = 1) -> None:
        self.lifetimes, self.visitor, self.clock = lifetimes, visitor, clock
        self.stories: list[Story] = []
        self._group, self._held, self._most = 1, 0, 1
        # What lasts longest is set first, so that nothing ends before the restart.
        for lifetime in sorted(lifetimes, key=_longest_first):
            tales = [left_alone, visited] if lifetime.lasts != WITH_THE_BROWSER else [left_alone]
            tales += [deleted] if lifetime.deleted_by else []
            number = lifetimes.index(lifetime) + first
            self.stories += [Story(lifetime, tale, number, visitor) for tale in tales]

    def walk(self) -> None:
        self.visitor.need_a_whole_browser()
        self.visitor.site.facts.check_trust(self.stories[0].host)
        while waiting := [story for story in self.stories if story.need]:
            now = self.clock.now()
            due = [story for story in waiting if not isinstance(story.need, Restart) and (story.due or now) <= now]
            asking = [story for story in due if isinstance(story.need, Ask)]
            doing = [story for story in due if isinstance(story.need, Do)]
            moments = [story.due for story in waiting if story.due]
            # At an edge nobody waits for what takes long; before the restart all is set, and then asked for at once.
            if asking and (moments or not doing):
                self._ask(asking)
            elif doing:
                self._do(doing[0])
            elif moments:
                self.clock.travel_to(max(moment for moment in moments if moment <= min(moments) + TOGETHER))
            else:
                self._restart(waiting)

    def _restart(self, stories: Sequence[Story]) -> None:
        self.visitor.restart()
        for story in stories:
            story.seen.append((self.clock.now(), "the browser was closed and opened again"))
            story.go_on()

    def _ask(self, stories: Sequence[Story]) -> None:
        for site in {story.site: None for story in stories}:
            those = [story for story in stories if story.site == site]
            urls = [story.url(story.lifetime.path) for story in those]
            found = self.visitor.ask(urls, those[0].origin)
            now = self.clock.now()
            for story, pairs in zip(those, found, strict=True):
                answer = Answer(story.lifetime.name in dict(pairs), now)
                story.seen.append((now, f"{'sent' if answer.sent else 'not sent'} to {printable(story.lifetime.path)}"))
                story.go_on(answer)

    def _do(self, story: Story) -> None:
        """Take the next step of a story, the first one at a site where all its cookies find room."""
        is_first = not story.group
        if is_first and self._held + self._most > ROOM:
            self._group, self._held = self._group + 1, 0
        story.group = story.group or self._group
        before = len(story.exchanges)
        if callable(story.step):
            self._call(story, story.step)
            self._goes_on_https(story, before)
        else:
            self.visitor.fetch(story.url(str(story.step)), story.origin)
            if self._goes_on_https(story, before):
                # To a page on http its own https is another site (RFC 6265bis, 5.2, "schemeful"), whose answer to a
                # fetch can set no cookie that is SameSite.
                self.visitor.fetch(story.url(str(story.step)), story.origin)
        if story.need:
            story.done(story.exchanges[before:])
        if is_first:
            count = len({cookie.name for _, cookie in story.set_cookies})
            self._held, self._most = self._held + count, max(self._most, count)

    def _goes_on_https(self, story: Story, before: int) -> bool:
        """Whether the app has now led to https what began on http. All stories go on there."""
        secure = self.visitor.site.at(story.host, https=True)
        on_http = [exchange for exchange in story.exchanges[before:] if exchange.scheme == "http"]
        if not any((exchange.led_to or exchange.location or "").startswith(secure) for exchange in on_http):
            return False
        for each in self.stories:
            each.https = True
        return True

    def _call(self, story: Story, step: Callable[[Visitor], object]) -> None:
        """Let a function of the user's have the browser, with one blank page."""
        name = in_words(step)
        self.visitor.move_to(story.host)
        try:
            with self._lent(f"{name} shares this browser and its clock with all lifetimes of its list:"):
                step(self.visitor)
        except (Exception, pytest.fail.Exception) as error:
            frames = [
                each for each in traceback.extract_tb(error.__traceback__)[1:] if "playwright" not in each.filename
            ]
            where = "".join(f"\n      {frame.filename}:{frame.lineno}: {frame.line}" for frame in frames[:MOST_FRAMES])
            story.fail(f"{name} failed: {type(error).__name__}: {str(error).strip()}{where}")
            for other in self.stories:
                if other.lifetime == story.lifetime and other.need and other.step == step:
                    other.need = None  # it would fail there too
        self._leave(story)

    @contextlib.contextmanager
    def _lent(self, why: str) -> Iterator[None]:
        self.visitor.must_stay_open = f"{why} it may visit, but not end the browser."
        stop = f"{why} it may visit, but not move the clock."
        self.clock.stopped = {"site": stop, "browser": stop}
        try:
            yield
        finally:
            self.visitor.must_stay_open, self.clock.stopped = "", {}

    def _leave(self, story: Story) -> None:
        """Leave what was visited: it might go on to ask the site for this and that, and so renew what is left alone."""
        from playwright.sync_api import Error

        try:
            self.visitor.leave()
        except Error as error:
            story.fail(story.failure or f"{in_words(story.step or '')} ended the browser: {error.message}")
            raise Ended(story.lifetime, told([story])) from None

    # --- verdicts

    def verdicts(self) -> dict[Lifetime, Verdict]:
        return {lifetime: self._verdict(lifetime) for lifetime in self.lifetimes}

    def _verdict(self, lifetime: Lifetime) -> Verdict:
        stories = [story for story in self.stories if story.lifetime == lifetime]
        text = told(stories)
        return Verdict("broken" if text else "kept", text, self._picture(lifetime, {story.host for story in stories}))

    def _picture(self, lifetime: Lifetime, hosts: set[str]) -> dict[str, Any]:
        """What became of this cookie at its hosts, for the report."""
        site = self.visitor.site
        exchanges = [exchange for exchange in self.visitor.wire if exchange.host in hosts]
        events = [
            event
            for event in site.events
            if event.visitor == self.visitor.number and (not event.host or event.host in hosts)
        ]
        times = sorted([*(each.time for each in exchanges), *(each.time for each in events)])
        moves = [
            Event(before + (after - before) / 2, MOVED, timeline.in_words(after - before))
            for before, after in itertools.pairwise(times)
            if after - before > BEFORE
        ]
        drawn = timeline.draw([*events, *moves], exchanges)
        return {**drawn, "lanes": [lane for lane in drawn["lanes"] if lane["name"] == shown(lifetime.name)]}


def _longest_first(lifetime: Lifetime) -> timedelta:
    return -lifetime.lasts if isinstance(lifetime.lasts, timedelta) else timedelta.min
