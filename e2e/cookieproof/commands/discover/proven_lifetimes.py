"""Proves the suggested lifetimes, and changes those that are not kept to what can be proven."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from cookieproof.commands.discover.functions import failures
from cookieproof.commands.discover.suggested_lifetimes import SuggestedLifetimes
from cookieproof.errors import CookieproofError
from cookieproof.harness import CommandHarness
from cookieproof.promises.expectations.expect import expect_cookie
from cookieproof.promises.lifetimes import Lifetime, Step, in_words
from cookieproof.promises.prove import prove, why_no_clock
from cookieproof.promises.verdict import Verdict
from cookieproof.site.site import Site
from cookieproof.visitor.visitor import Visitor


@dataclass(frozen=True)
class PersistentCookies:
    """The persistent cookies that a step sets, if no clock can move: the browser's expiry dates prove them."""

    step: Step
    lifetimes: tuple[Lifetime, ...]

    def check(self, visitor: Visitor) -> None:
        """Check the cookies' expiry and a restart, as the test file does. Raises ``AssertionError`` if one fails."""
        if callable(self.step):
            self.step(visitor)
        else:
            visitor.goto(self.step)
        for each in self.lifetimes:
            assert isinstance(each.lasts, timedelta)
            expect_cookie(visitor, each.name, each.path).to_expire_in(each.lasts)
        visitor.restart()
        for each in self.lifetimes:
            expect_cookie(visitor, each.name, each.path).to_be_sent()


class ProvenLifetimes:
    """``proven`` are the lifetimes that hold, ``refuted`` maps the others to the reason.

    ``outliving`` are the persistent cookies that were proven without a clock.
    """

    def __init__(
        self, command: CommandHarness, site: Site, suggested: SuggestedLifetimes, ends: Iterable[str], notes: list[str]
    ) -> None:
        """Prove the lifetimes of a site; ``ends`` are the names of cookies that a step deletes."""
        self.proven, self.refuted = list[Lifetime](), dict[Lifetime, str]()
        self.outliving: list[PersistentCookies] = []
        self.no_clock = command.harness.no_clock or why_no_clock(site)
        self._command, self._site, self._suggested, self._ends, self._notes = command, site, suggested, set(ends), notes
        self._moved = set[Lifetime]()

    def prove(self, lifetimes: Sequence[Lifetime]) -> None:
        """Prove the lifetimes; if one is not kept, prove it with another renewal, or without what does not hold."""
        left, without_a_clock = list(lifetimes), list[Lifetime]()
        while left:
            again: list[Lifetime] = []
            for lifetime, verdict in self._verdicts(left).items():
                if verdict.outcome == "kept":
                    self.proven.append(lifetime)
                elif verdict.outcome == "not run":
                    without_a_clock.append(lifetime)
                elif other := self._other(lifetime, verdict):
                    again.append(other)
                else:
                    self.refuted[lifetime] = verdict.text
            left = again
        order = [(each.name, each.set_by) for each in lifetimes]
        self.proven.sort(key=lambda each: order.index((each.name, each.set_by)))
        self._prove_without_a_clock(without_a_clock)

    def _verdicts(self, lifetimes: Sequence[Lifetime]) -> dict[Lifetime, Verdict]:
        command, host = self._command, self._site.only_host
        declared = [dataclasses.replace(each, host=each.host or host or None) for each in lifetimes]
        verdicts = prove(
            declared, lambda: command.new_visitor(self._site), command.harness.clock, self.no_clock, failures=failures()
        )
        return {each: verdicts[with_host] for each, with_host in zip(lifetimes, declared, strict=True)}

    def _other(self, lifetime: Lifetime, verdict: Verdict) -> Lifetime | None:
        """Return what may hold instead of a broken lifetime; None if nothing does."""
        if verdict.remedy == "renewed_by" and not lifetime.renewed_by:
            other = self._suggested.at_another_page(lifetime)
            self._moved |= {other} - {lifetime}
            return dataclasses.replace(lifetime, renewed_by=lifetime.path) if other == lifetime else other
        if lifetime in self._moved:  # a visit of the other page changes the cookie, too
            return dataclasses.replace(lifetime, path=str(lifetime.set_by), renewed_by=lifetime.set_by)
        if lifetime.shows:  # another cookie may sign in as well
            ends = lifetime.deleted_by if lifetime.name in self._ends else None
            return dataclasses.replace(lifetime, shows=None, deleted_by=ends)
        if lifetime.deleted_by:
            self._notes.append(verdict.text.partition("\n")[0])
            return dataclasses.replace(lifetime, deleted_by=None)
        return None

    def _prove_without_a_clock(self, lifetimes: Sequence[Lifetime]) -> None:
        """Prove by the expiry that the browser tells, and by its restart, what would need a clock that can be moved."""
        by_step: dict[Step, list[Lifetime]] = {}
        for each in lifetimes:
            by_step.setdefault(each.set_by, []).append(each)
        for step, of_it in by_step.items():
            outliving, visitor = PersistentCookies(step, tuple(of_it)), self._command.new_visitor(self._site)
            try:
                outliving.check(visitor)
            except failures() as error:
                is_sentence = isinstance(error, AssertionError | CookieproofError)
                why = str(error) if is_sentence else f"{in_words(step)} failed: {type(error).__name__}: {error}"
                self.refuted |= dict.fromkeys(of_it, why)
            else:
                self.outliving.append(outliving)
            finally:
                visitor.end()
