"""Visits a site as somebody who signs in by a function of the user's, and signs out again."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from cookieproof.commands.discover.functions import Functions, UserFunction
from cookieproof.commands.discover.security_warnings import SESSION, SecurityWarnings, is_key
from cookieproof.commands.discover.suggested_lifetimes import SuggestedLifetimes
from cookieproof.commands.discover.tokens import tokens_left, tokens_of
from cookieproof.commands.discover.visits import Visits
from cookieproof.cookies.cookie_event import CookieScope
from cookieproof.cookies.storage import StorageItem
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.errors import CookieproofError
from cookieproof.promises.lifetimes import Lifetime, Step
from cookieproof.words import duration, shown

LONGEST_INDICATOR = 80  # characters of a text by which a page is known
SAYS_SO = re.compile(r"\b(signed|logged|sign|log)[ -]?(in|out|off)\b", re.IGNORECASE)
PROMISED = re.compile(r"remember", re.IGNORECASE)

CookiesByScope = dict[tuple[str, CookieScope], StoredCookie]


@dataclass(frozen=True)
class LoggedInIndicator:
    """A text that a page shows only to somebody who is signed in."""

    page: str
    text: str


class SignedIn:
    """Signs in, and finds what the site does for somebody who is signed in.

    ``indicator`` is the text that shows who is signed in, None if no visited page has one; ``survives_restart``
    whether a restart of the site leaves them signed in; ``ends`` maps names of cookies to the step that deletes them.
    """

    def __init__(
        self, visits: Visits, suggested: SuggestedLifetimes, warnings: SecurityWarnings, functions: Functions
    ) -> None:
        assert functions.sign_in
        self.indicator: LoggedInIndicator | None = None
        self.survives_restart = False
        self.ends: dict[str, Step] = {}
        self._visits, self._suggested, self._warnings, self._functions = visits, suggested, warnings, functions
        self._sign_in, self._sign_out = functions.sign_in, functions.sign_out
        self._set_by_sign_in: CookiesByScope = {}  # the cookies that signing in has set
        self._lasts: dict[str, timedelta | None] = {}  # how long each of these lasts, by name
        self._ended = False  # whether the page showed nobody signed in after the sign-out

    def explore(self, paths: Sequence[str], strangers: dict[str, list[str]]) -> list[Lifetime]:
        """Return lifetimes of the cookies that are set once signed in.

        ``strangers`` maps paths to the lines that they show to somebody signed out.
        """
        visits = self._visits
        visits.begin("signed-in")
        for page in list(visits.pages):
            visits.visit(page)
        before, since = visits.held, visits.now
        self._sign_in_anew()
        self._set_by_sign_in = {scope: each for scope, each in visits.held.items() if _is_new(before, scope, each)}
        names = {name for name, _ in self._set_by_sign_in}
        keys = [each.name for each in self._set_by_sign_in.values() if is_key(each)]
        self._warnings.note_sign_in(keys, visits.visitor.wire[since:])
        step = self._sign_in.function
        new = [each for each in visits.new_cookies(since) if each.name in names]
        self._lasts = {each.name: each.lasts for each in new}
        found = [lifetime for each in new for lifetime in self._suggested.suggest(step, each)]
        others = self._visit_all(paths, strangers)
        self._check_fixation(before, keys)
        if self.indicator:
            found = [
                self._with_indicator(each, self.indicator) if each.name in (keys or names) else each for each in found
            ]
        elif not names:
            self._warnings.note(
                f"{self._sign_in.as_name} sets no cookie, and no page that was visited shows who is signed in: name "
                "one that does with --visit."
            )
        self._check_browser_restart()
        self._check_site_restart()
        self._check_sign_out()
        return [dataclasses.replace(each, deleted_by=self._end_of(each)) for each in [*found, *others]]

    def _with_indicator(self, lifetime: Lifetime, indicator: LoggedInIndicator) -> Lifetime:
        return self._suggested.at_page(lifetime, indicator.page, indicator.text)

    def _sign_in_anew(self) -> None:
        if problem := self._visits.call(self._sign_in):
            raise CookieproofError(f"{self._sign_in} {problem}. See that it signs in, or mend the site.")

    def _visit_all(self, paths: Sequence[str], strangers: dict[str, list[str]]) -> list[Lifetime]:
        """Visit each path, signing in anew after one that ends the sign-in; return lifetimes of new cookies."""
        visits, found = self._visits, list[Lifetime]()
        for path in paths:
            before, since = visits.held, visits.now
            if not visits.visit(path):
                continue
            self.indicator = self.indicator or self._find_indicator(path, strangers.get(path, []))
            after = visits.held
            new = {name for name, scope in after if (name, scope) not in before}
            for setting in visits.new_cookies(since):
                if setting.name in new and not self._is_known(setting.name):
                    found += self._suggested.suggest(self._functions.visiting(path), setting)
            if gone := {name for name, scope in before if (name, scope) not in after}:
                self.ends |= {name: path for name in gone if name not in self.ends}
                if gone & {name for name, _ in self._set_by_sign_in}:
                    self._sign_in_anew()
        return found

    def _is_known(self, name: str) -> bool:
        return name in self._suggested.known or any(name == own for own, _ in self._set_by_sign_in)

    def _find_indicator(self, path: str, to_strangers: Sequence[str]) -> LoggedInIndicator | None:
        """Return a text that the last page shows again at the next visit, and not to a stranger; None if none."""
        visits = self._visits
        others, host = "\n".join(to_strangers).casefold(), visits.visitor.host
        new = [each for each in visits.lines() if each.casefold() not in others and host not in each]
        new = [each for each in new if len(each) in range(2, LONGEST_INDICATOR + 1)]
        if not new or not visits.visit(path):
            return None
        again = [each for each in visits.lines() if each in new]
        steady = sorted(again, key=lambda line: (any(each.isdigit() for each in line), not SAYS_SO.search(line)))
        return next((LoggedInIndicator(path, each) for each in steady if visits.shows(each)), None)

    def _is_signed_in(self) -> bool:
        """Visit the page of the indicator, and return whether it shows somebody signed in."""
        assert self.indicator
        self._visits.visit(self.indicator.page)
        return self._visits.shows(self.indicator.text)

    # --- what looks wrong

    def _check_fixation(self, before: CookiesByScope, keys: Sequence[str]) -> None:
        """Warn if a value that identifies a person is the same before and after signing in (session fixation)."""
        same = [each.name for scope, each in self._visits.held.items() if _is_unchanged_key(before, scope, each)]
        same = [name for name in same if not keys or SESSION.search(name)]
        if self.indicator and same:
            names = " and ".join(f'"{shown(name)}"' for name in same)
            self._warnings.note(
                f"{names} has the value after {self._sign_in.as_name} that it had before: whoever has planted it is "
                "signed in too (session fixation). Give the session another value at sign-in."
            )

    def _check_browser_restart(self) -> None:
        tokens = tokens_of(self._visits.visitor)
        self._visits.visitor.restart()
        self._warnings.note_outlives_the_browser(tokens_left(tokens, self._visits.visitor))
        if not (self.indicator and self._is_signed_in()):
            return
        left = [each for scope, each in self._visits.held.items() if scope in self._set_by_sign_in]
        who = f"who came by {self._sign_in.as_name} is still signed in after the browser was closed and opened again"
        if not left:
            self._warnings.note(
                f"{who}, though no cookie of the sign-in is left: it is kept elsewhere, in storage of the page say."
            )
        elif not any(PROMISED.search(each.name) for each in left):
            aged = [(each.name, lasts) for each in left if (lasts := self._lasts.get(each.name))]
            ages = " and ".join(f'"{shown(name)}", which lasts {duration(lasts)}' for name, lasts in aged)
            self._warnings.note(f"{who}{ages and ', by '}{ages}: right only where they asked to be remembered.")

    def _check_site_restart(self) -> None:
        """Find out whether a restart of the site leaves the person signed in, if the site can be restarted."""
        if not self._visits.site.can_restart or not self.indicator:
            return
        if not self._is_signed_in():
            self._sign_in_anew()
        self._visits.site.restart()
        self.survives_restart = self._is_signed_in()
        if not self.survives_restart:
            self._warnings.note(
                "a restart of the site signs everyone out, and so does each deploy: keep sessions, and the key that "
                "signs them, outside of its process."
            )

    def _check_sign_out(self) -> None:
        """Sign out, and warn of what is left."""
        if not self._sign_out:
            return
        if not (self.indicator and self._is_signed_in()):
            self._sign_in_anew()
        held, tokens = self._visits.held, self._tokens()
        if problem := self._visits.call(self._sign_out):
            self._warnings.note(f"{self._sign_out.as_name} {problem}: it proves nothing, and is left out.")
            return
        self._warnings.note_outlives_the_sign_out(tokens_left(tokens, self._visits.visitor), self._sign_out.as_name)
        after = self._visits.held
        self.ends |= {name: self._sign_out.function for name, scope in held if (name, scope) not in after}
        left = [
            each.name
            for scope, each in after.items()
            if scope in self._set_by_sign_in and _is_unchanged_key(held, scope, each)
        ]
        self._check_after_sign_out(self._sign_out, " and ".join(f'"{shown(name)}"' for name in left))

    def _tokens(self) -> list[StorageItem]:
        """Return tokens in the storage of the page after signing in, or of the first page."""
        if self._visits.visitor.page.url == "about:blank":
            self._visits.visit(self._visits.pages[0])
        return tokens_of(self._visits.visitor)

    def _check_after_sign_out(self, sign_out: UserFunction, left: str) -> None:
        if self.indicator is None:
            if left:
                self._warnings.note(f"{sign_out.as_name} leaves {left}, by which somebody may still be signed in.")
        elif self._is_signed_in():
            by = f", by {left}, which is left" if left else ", though no cookie of the sign-in is left as it was"
            self._warnings.note(
                f"{sign_out.as_name} signs nobody out: {self.indicator.page} still shows "
                f'"{shown(self.indicator.text)}"{by}.'
            )
        else:
            self._ended = True

    def _end_of(self, lifetime: Lifetime) -> Step | None:
        """Return the step that deletes the cookie; or the sign-out, if the page then shows nobody signed in."""
        if lifetime.name in self.ends:
            return self.ends[lifetime.name]
        return self._sign_out.function if self._sign_out and self._ended and lifetime.shows else None


def _is_new(before: CookiesByScope, scope: tuple[str, CookieScope], cookie: StoredCookie) -> bool:
    return scope not in before or before[scope].value != cookie.value


def _is_unchanged_key(before: CookiesByScope, scope: tuple[str, CookieScope], cookie: StoredCookie) -> bool:
    """Return whether the cookie may identify a person, and has the value that it had before."""
    return scope in before and before[scope].value == cookie.value and is_key(cookie)
