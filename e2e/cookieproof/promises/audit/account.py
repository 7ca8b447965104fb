"""What the owner of a site declares of its sessions: how one signs in and out, and what only the signed-in see."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from datetime import timedelta

from cookieproof.errors import CookieproofError
from cookieproof.promises.lifetimes import LONGEST, SHORTEST, Shown, Step
from cookieproof.words import duration, quoted

__tracebackhide__ = True  # a failure points at the line of the test

PATHS = ("private", "change")
TIMES = ("idle", "absolute", "remembered")
MOST_SESSIONS = 50
OPTIONAL_STEPS = ("sign_out", "remember", "reset_password", "change_password", "another")


@dataclass(frozen=True)
class Account:
    """One person's account at the site, and what the site promises of the sessions of everybody.

    ``sign_in`` gets a visitor whose browser runs and has neither cookies nor storage, and is called again and again.
    It, ``sign_out`` and the other steps are each a path of the site, which is visited, or a function that takes a
    visitor. ``private`` is the path of a page that only the signed-in see, and ``shows`` what it shows then and never
    otherwise: a text, or a function that takes a page and returns a Locator.

    What is left out is not asked. ``change`` is the path that a form on ``private`` posts to, which changes what that
    page shows. ``idle``, ``absolute`` and ``remembered`` are timedeltas of 30 seconds to 40 years: after how long a
    session that nobody uses ends, one that is in use, and one that ``remember`` began. ``ends_with_browser`` says that
    the session ends when the browser is closed. ``concurrent`` is True for any number of sessions at a time, False for
    one, or the most that there may be. ``reset_password`` begins a password reset without finishing it;
    ``change_password`` changes the password, and ends the person's other sessions or offers it; it is asked last.
    ``another`` signs in to a second account. ``shared_with`` names the cookies that subdomains share by design.
    ``host`` is the site's host name, for a site that answers only to its own.

    Raises ``CookieproofError`` for what cannot be audited.
    """

    sign_in: Step
    _: KW_ONLY
    private: str
    shows: Shown
    sign_out: Step | None = None
    change: str | None = None
    idle: timedelta | None = None
    absolute: timedelta | None = None
    ends_with_browser: bool | None = None
    remember: Step | None = None
    remembered: timedelta | None = None
    concurrent: bool | int | None = None
    reset_password: Step | None = None
    change_password: Step | None = None
    another: Step | None = None
    shared_with: tuple[str, ...] = ()
    host: str | None = None

    def __post_init__(self) -> None:
        self._check_paths_and_steps()
        self._check_times()
        if not callable(self.shows) and not (isinstance(self.shows, str) and self.shows.strip()):
            raise CookieproofError(
                f"Account: shows={quoted(self.shows)} is neither a text nor a function that takes a page and returns "
                "a Locator."
            )
        if self.ends_with_browser not in (None, True, False):
            raise CookieproofError(f"Account: ends_with_browser={quoted(self.ends_with_browser)} is not True or False.")
        if isinstance(self.concurrent, float) or not (self.concurrent is None or _is_number(self.concurrent)):
            raise CookieproofError(
                f"Account: concurrent={quoted(self.concurrent)} is not True, False, or the most sessions at a time."
            )
        if not isinstance(self.concurrent, bool) and (self.concurrent or 0) > MOST_SESSIONS:
            raise CookieproofError(
                f"Account: concurrent={self.concurrent} is more than {MOST_SESSIONS}, and an audit signs in as often: "
                "declare concurrent=True for any number."
            )
        names = self.shared_with
        if not isinstance(names, tuple | list | set | frozenset) or not all(isinstance(each, str) for each in names):
            raise CookieproofError(
                f'Account: shared_with={quoted(names)} names no cookies: spell it shared_with=("session",).'
            )
        object.__setattr__(self, "shared_with", tuple(names))
        if self.host is not None and not (isinstance(self.host, str) and self.host and not set(self.host) & set("/: ")):
            raise CookieproofError(f'Account: host={quoted(self.host)} is no host name: spell it "www.shop.localhost".')

    def _check_paths_and_steps(self) -> None:
        steps = {"sign_in": self.sign_in, **{name: getattr(self, name) for name in OPTIONAL_STEPS}}
        paths = {"private": self.private, "change": self.change}
        for name, value in {**steps, **paths}.items():
            if value is None and name not in ("sign_in", "private"):
                continue
            if isinstance(value, str) and value.startswith("/") and not value.startswith(("//", "/\\")):
                continue
            if name in PATHS or not callable(value):
                or_function = "" if name in PATHS else ", nor a function that takes a visitor"
                raise CookieproofError(f"Account: {name}={quoted(value)} is no path of the site{or_function}.")

    def _check_times(self) -> None:
        for name in TIMES:
            time = getattr(self, name)
            if time is not None and not (isinstance(time, timedelta) and SHORTEST <= time <= LONGEST):
                raise CookieproofError(
                    f"Account: {name}={quoted(time)} is no timedelta of {duration(SHORTEST)} to "
                    f"{LONGEST.days // 365} years."
                )
        if self.idle and self.absolute and self.idle > self.absolute:
            raise CookieproofError(
                f"Account: idle={duration(self.idle)} is longer than absolute={duration(self.absolute)}, so it would "
                "never end a session."
            )
        if (self.remember is None) != (self.remembered is None):
            raise CookieproofError(
                "Account: remember= and remembered= belong together: how one is remembered, and for how long."
            )


def _is_number(value: object) -> bool:
    return isinstance(value, bool) or (isinstance(value, int) and value > 0)
