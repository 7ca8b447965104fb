"""Runs the timers of a visitor's open pages during a move of the clock, or notes those that did not run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cookieproof.browser.pages import DoesNotAnswer
from cookieproof.clock.clock import ClockDoesNotWork
from cookieproof.clock.moves import Move
from cookieproof.errors import Unsupported
from cookieproof.site.site import Site
from cookieproof.visitor.lives import Lives
from cookieproof.visitor.polls import Polls
from cookieproof.words import duration

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Worker

    from cookieproof.browser.engine import SharedWorkers

__tracebackhide__ = True  # a failure points at the line of the test

TIMERS_NOT_FIRED = "not awake"
# A thread that waits for a timer does not notice a move. A new timer wakes it, and fires after all due ones.
TIMER = "beat => new Promise(done => setTimeout(() => { clearInterval(beat); done(); }, 4))"
BEAT = "() => setInterval(() => {}, 4)"
# The monotonic clock; after a reload of the page, timeOrigin has the wall clock, which has moved as far.
SHOWN = "performance.timeOrigin + performance.now()"


def what_slept(site: Site) -> list[str]:
    """Return a sentence for each request that a page sends by a timer, and that did not fire during a move."""
    return [
        f"{event.detail} by a timer, which has not fired while the clock moved: "
        "say clock.advance(…, awake=True), or leave the page before"
        for event in site.events
        if event.what == TIMERS_NOT_FIRED
    ]


class Awake:
    """Fires the due timers in the pages, frames and workers of one visitor's open browser.

    ``slept`` has a sentence for each request by a timer that did not fire during a move.
    """

    def __init__(self, lives: Lives, polls: Polls, site: Site, visitor: int, answer_seconds: float) -> None:
        """Keep what is asked for pages and requests; ``answer_seconds`` is how long a page may take to answer."""
        self.slept: list[str] = []
        self._lives, self._polls, self._site, self._visitor = lives, polls, site, visitor
        self._answer_seconds = answer_seconds
        self._is_seen_to_work = False
        self._shown: Mapping[Any, Any] = {}
        self._beats: Mapping[Any, Any] = {}
        self._shared_workers: SharedWorkers | None = None

    def prepare(self) -> None:
        """Prepare a step of the clock. Raises ``Unsupported`` if timers of this engine cannot run during a move."""
        engine = self._lives.engine
        if why := engine.no_awake:
            raise Unsupported(f"the pages of {engine.title} cannot live through a move of the clock: {why}")
        self._shown = {} if self._is_seen_to_work else self._run(SHOWN, self._frames()[:1])
        self._beats = self._run(BEAT, self._frames()) if engine.one_thread_has_all_timers else {}
        self._prepare_shared_workers()

    def _prepare_shared_workers(self) -> None:
        # Before the step: what a timer asks for as soon as the clock has moved must be followed, too.
        if self._shared_workers:
            self._shared_workers.end()
        find = self._lives.engine.shared_workers
        self._shared_workers = find(self._lives.pages[0]) if find and self._lives.pages else None

    def live(self, step: timedelta) -> None:
        """Wait after a step until each page, frame and worker has run its due timers, by a timer that comes last."""
        self._check(step)
        with self._polls.by_itself():
            self._run(TIMER, [*self._frames(), *self._workers()], self._beats)
            if self._shared_workers:
                self._shared_workers.run(f"({TIMER})()", self._answer_seconds)

    def note_move(self, move: Move) -> None:
        """Note, for failures and the report, the requests by timers that pages have not sent in this move."""
        if move.awake or "browser" not in move.offsets:
            return
        for each in self._polls.found(self._lives.pages):
            if each not in self.slept:
                self.slept.append(each)
                self._site.note(TIMERS_NOT_FIRED, each, self._visitor)

    def _frames(self) -> list[Frame]:
        return [frame for page in self._lives.pages for frame in page.frames]

    def _workers(self) -> list[Worker]:
        if not self._lives.context or self._lives.engine.one_thread_has_all_timers:
            return []
        of_pages = [worker for page in self._lives.pages for worker in page.workers]
        return [*of_pages, *self._lives.context.service_workers]

    def _check(self, step: timedelta) -> None:
        """Raise ``ClockDoesNotWork`` unless the page's monotonic clock has moved by this step. Checked once."""
        before, self._shown = self._shown, {}
        after = self._run(SHOWN, [*before])
        for frame in before.keys() & after.keys():
            if after[frame] - before[frame] < step / timedelta(milliseconds=1):
                raise ClockDoesNotWork(
                    f"The clock does not work with {self._lives.engine.title}: the timers of {frame.url} do not go by "
                    f"it, since performance.now() has not moved by {duration(step)}."
                )
            self._is_seen_to_work = True

    def _run(
        self, script: str, where: Sequence[Frame | Worker], arguments: Mapping[Any, Any] | None = None
    ) -> dict[Any, Any]:
        """Run a script in each of these at once, and return each result; one that ends meanwhile is left out.

        Raises ``DoesNotAnswer`` for one that is busy.
        """
        from playwright.sync_api import Error

        async def ask(each: Frame | Worker) -> Any:
            try:
                async with asyncio.timeout(self._answer_seconds):
                    return await each._impl_obj.evaluate(script, (arguments or {}).get(each))
            except TimeoutError:
                raise DoesNotAnswer(each.url, self._answer_seconds) from None

        async def ask_all() -> list[Any]:
            return await asyncio.gather(*map(ask, where), return_exceptions=True)

        if not where:
            return {}
        found = dict(zip(where, where[0]._sync(ask_all()), strict=True))
        for answer in found.values():
            if isinstance(answer, BaseException) and not isinstance(answer, Error):
                raise answer
        return {each: answer for each, answer in found.items() if not isinstance(answer, Error)}
