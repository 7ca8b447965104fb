"""Promises about cookies as data. ``schedule`` proves any number of them at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal

from cookieproof.cookies.set_cookie import AGE_LIMIT
from cookieproof.errors import CookieproofError
from cookieproof.words import duration, quoted, shown, spelled

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from cookieproof.visitor.visitor import Visitor

__tracebackhide__ = True  # a failure points at the line of the test

WITH_THE_BROWSER: Final = "with the browser"
# A restart of the browser takes seconds, and must be over before the cookie's end.
SHORTEST = timedelta(seconds=30)
PAGES = ("path", "idle_page")  # fields that name a page, and no step
# What is declared to last for more than AGE_LIMIT is found broken, if the clock can reach its end, and half as much
# again: a visit half-way may renew it.
LONGEST = timedelta(days=40 * 365)

# A path of the site, which is visited, or a function that acts in the visitor's pages.
Step = str | Callable[["Visitor"], object]
# What a page shows: a text, or a function that takes a page and returns Playwright's Locator.
Shown = str | Callable[["Page"], "Locator"]


@dataclass(frozen=True)
class Lifetime:
    """A promise about one cookie: what sets it, how long it lasts, what renews it and what ends it.

    ``lasts`` is a timedelta of 30 seconds to 40 years, or ``WITH_THE_BROWSER``. ``set_by``, ``renewed_by`` and
    ``deleted_by`` are each a path of the site, which is visited by a page, or a function that takes a visitor. Without
    ``renewed_by`` a visit to ``path``, where the cookie is to be sent, must renew nothing; ``renewed_by=("/",
    timedelta(hours=6))`` promises that visits renew it in the last six hours before its end, and not before. Without
    ``deleted_by`` no deletion is promised.

    ``shows`` is what the page at ``path`` shows as long as the cookie lives, and not after it: a text, or a function
    that takes a page and returns a Locator. Who is signed in is what the page shows: a cookie's name does not tell.
    With it only the page proves a deletion.

    ``idle_page`` is a path: the promise holds with this page left open, too, whose timers go on. For it two more
    scenarios are run, with the page awake (``clock.advance(…, awake=True)``).

    ``host`` is for a site that answers only to its own hosts (SERVER_NAME, SESSION_COOKIE_DOMAIN): then each scenario
    has a profile to itself instead of a host, at the cost of some browser starts.

    A function begins on a blank page, so its first step is ``visitor.goto(…)``: each lifetime has a host of its own,
    which ``goto`` knows and ``page.goto`` does not. It shares the browser with all the others, and so may neither end
    it nor move the clock.

    Raises ``CookieproofError`` for what cannot be proven.
    """

    name: str
    _: KW_ONLY
    set_by: Step
    lasts: timedelta | Literal["with the browser"]
    renewed_by: Step | tuple[Step, timedelta] | None = None
    deleted_by: Step | None = None
    path: str = "/"
    shows: Shown | None = None
    host: str | None = None
    idle_page: str | None = None

    def __post_init__(self) -> None:
        self._check_renewal()
        self._check_shows_and_host()
        paths: dict[str, object] = {"set_by": self.set_by, "renewed_by": self.renewal, "path": self.path}
        paths["deleted_by"] = self.deleted_by
        if self.idle_page is not None:
            paths["idle_page"] = self.idle_page
        if not isinstance(self.name, str):
            raise CookieproofError(f"The name of a cookie is text, and {quoted(self.name)} is none.")
        for field, value in paths.items():
            if isinstance(value, str) and not value.startswith("/"):
                path = shown(value)
                raise CookieproofError(f'{self}: {field}="{path}" is no path of the site: spell it "/{path}".')
            is_step = callable(value) or (value is None and field != "set_by")
            if not isinstance(value, str) and (field in PAGES or not is_step):
                or_function = "" if field in PAGES else ", nor a function that takes a visitor"
                raise CookieproofError(f"{self}: {field}={quoted(value)} is no path of the site{or_function}.")
        if isinstance(self.lasts, timedelta):
            if self.lasts < SHORTEST:
                raise CookieproofError(
                    f"{self}: lasts={spelled(self.lasts)} is too short to be proven, since a restart of the browser "
                    f"takes seconds: declare at least {duration(SHORTEST)}, and have the site take its ages from its "
                    "configuration."
                )
            if self.lasts > LONGEST:
                raise CookieproofError(
                    f"{self}: lasts={spelled(self.lasts)} is more than {LONGEST.days // 365} years, further than the "
                    f"clock goes: browsers keep no cookie for more than {duration(AGE_LIMIT)} (RFC 6265bis, 5.5), "
                    f"so declare lasts={spelled(AGE_LIMIT)} at most."
                )
        elif self.lasts != WITH_THE_BROWSER:
            raise CookieproofError(f"{self}: lasts={quoted(self.lasts)} is neither a timedelta nor WITH_THE_BROWSER.")
        elif self.renewed_by:
            raise CookieproofError(
                f"{self}: what ends with the browser has no end that could be renewed: leave out renewed_by."
            )

    def _check_renewal(self) -> None:
        if not isinstance(self.renewed_by, tuple):
            return
        match self.renewed_by:
            case (step, timedelta() as window) if window >= SHORTEST and (isinstance(step, str) or callable(step)):
                return
        raise CookieproofError(
            f"{self}: renewed_by={quoted(self.renewed_by)} is no step and a timedelta: "
            f'renewed_by=("/", timedelta(hours=6)) renews it only in its last 6 hours ({SHORTEST.seconds} s at least).'
        )

    def _check_shows_and_host(self) -> None:
        if self.shows is not None and not callable(self.shows) and not (isinstance(self.shows, str) and self.shows):
            raise CookieproofError(
                f"{self}: shows={quoted(self.shows)} is neither a text nor a function that takes a page and returns "
                "a Locator."
            )
        if self.host is not None and not (isinstance(self.host, str) and self.host and not set(self.host) & set("/: ")):
            raise CookieproofError(f'{self}: host={quoted(self.host)} is no host name: spell it "www.shop.localhost".')

    @property
    def test_name(self) -> str:
        """The name of the lifetime's test: the cookie's name."""
        return shown(self.name)

    @property
    def is_of_a_cookie(self) -> bool:
        """Whether the promise is about a cookie; a promise about a sign-in is judged only by the page."""
        return True

    @property
    def needs_clock(self) -> bool:
        """Whether the promise can be proven only if the clock can be moved."""
        return isinstance(self.lasts, timedelta) or self.idle_page is not None

    @property
    def renewal(self) -> Step | None:
        """The step that renews the cookie, if one is declared; else None."""
        return self.renewed_by[0] if isinstance(self.renewed_by, tuple) else self.renewed_by

    @property
    def window(self) -> timedelta:
        """How long before the cookie's end ``renewal`` begins to renew it."""
        return self.renewed_by[1] if isinstance(self.renewed_by, tuple) else timedelta.max

    @property
    def what_shows(self) -> str:
        """The words for ``shows`` in a sentence: the text in quotes, or the function's name."""
        return f'"{shown(self.shows)}"' if isinstance(self.shows, str) else getattr(self.shows, "__name__", "it")

    def __str__(self) -> str:
        return f'cookie "{shown(self.name)}", set by {in_words(self.set_by)}'

    @property
    def promise(self) -> str:
        """The promise in words: ``end with the browser``, or ``last 7 days``."""
        return f"last {duration(self.lasts)}" if isinstance(self.lasts, timedelta) else "end with the browser"


def in_words(step: Step) -> str:
    """Return the words for a step in a sentence: its path, or the function's name."""
    return shown(step) if isinstance(step, str) else getattr(step, "__name__", quoted(step))


def names_of(lifetimes: Sequence[Lifetime]) -> list[str]:
    """Return a name for each lifetime: its test name, and if a cookie has several the step: ``session, signing_in``."""
    counts = Counter(lifetime.test_name for lifetime in lifetimes)
    return [
        each.test_name if counts[each.test_name] == 1 else f"{each.test_name}, {in_words(each.set_by)}"
        for each in lifetimes
    ]
