"""What one requirement of the audit came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cookieproof.words import counted

Outcome = Literal["passed", "failed", "warning", "accepted", "not asked", "not decidable"]
# What needs a person's eye comes first.
OUTCOMES: tuple[Outcome, ...] = ("failed", "warning", "not decidable", "not asked", "accepted", "passed")


def outcomes_in_words(outcomes: Iterable[str]) -> str:
    """Return how many requirements have each of these outcomes: ``1 failed, 2 warnings, 20 passed``."""
    counts = Counter(outcomes)
    nouns = {"warning": counted(counts["warning"], "warning")}  # the other outcomes are no nouns
    return ", ".join(nouns.get(each, f"{counts[each]} {each}") for each in OUTCOMES if counts[each])


class Undecidable(Exception):
    """Raised where a requirement cannot be decided from outside, with the reason."""


@dataclass(frozen=True)
class Finding:
    """``text`` says in a sentence what was found, and in the lines below it by what; ``timeline`` is the picture.

    ``cause`` is what kept the requirement from being judged, if anything did. ``untried`` says that a part of it could
    not be tried in this browser, so that what holds here may be broken in another.
    """

    outcome: Outcome
    text: str = ""
    timeline: dict[str, Any] | None = None
    cause: str = ""
    untried: bool = False

    @property
    def sentence(self) -> str:
        """The first line of the text."""
        return self.text.partition("\n")[0]


def passed(what: str = "", *, untried: bool = False) -> Finding:
    """It was asked and holds; ``what`` was found beside it; ``untried`` is as in ``Finding``."""
    return Finding("passed", what, untried=untried)


def failed(what: str, lines: Sequence[str] = ()) -> Finding:
    """The site does not do what is required; ``lines`` are the evidence."""
    return Finding("failed", "\n".join([what, *(f"    {line}" for line in lines)]))


def warning(what: str, lines: Sequence[str] = ()) -> Finding:
    """What is required holds, or cannot be demanded, but this is to be known."""
    return Finding("warning", "\n".join([what, *(f"    {line}" for line in lines)]))


def not_asked(declare: str) -> Finding:
    """The account promises nothing of it: ``declare`` names the fields that would."""
    return Finding("not asked", f"not asked: declare {declare}")


def not_decidable(reason: str) -> Finding:
    """It cannot be told from outside, for this reason."""
    return Finding("not decidable", f"not decidable: {reason}")
