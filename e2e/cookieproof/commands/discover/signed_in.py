"""Goes through a site as somebody who signs in by a function of the user's, and signs out again."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from cookieproof.commands.discover.functions import Functions, UserFunction
from cookieproof.commands.discover.security_warnings import SESSION, SecurityWarnings, is_key
from cookieproof.commands.discover.suggested_lifetimes import SuggestedLifetimes
from cookieproof.commands.discover.tokens import left_of, tokens_of
from cookieproof.commands.discover.visits import Visits
from cookieproof.cookies.cookie_event import CookieScope
from cookieproof.cookies.storage import StorageItem
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.errors import CookieproofError
from cookieproof.promises.lifetimes import Lifetime, Step
from cookieproof.words import duration, shown

LONGEST_MARK = 80  # characters of a text by which a page is known
SAYS_SO = re.compile(r"\b(signed|logged|sign|log)[ -]?(in|out|off)\b", re.IGNORECASE)
PROMISED = re.compile(r"remember", re.IGNORECASE)

Held = dict[tuple[str, CookieScope], StoredCookie]


@dataclass(frozen=True)
class LoggedInIndicator:
    """What a page shows to who is signed in, and to no stranger."""

    page: str
    text: str


class SignedIn:
    """One sign-in after another, and what each brings to light.

    ``mark`` is what tells who is signed in, None if no page that was visited does; ``survives_restart`` whether a
    restart of the site leaves them signed in; ``ends`` names what is gone after a step, by the cookie's name.
    """

    def __init__(
        self, visits: Visits, suggested: SuggestedLifetimes, warnings: SecurityWarnings, functions: Functions
    ) -> None:
        assert functions.sign_in
        self.mark: LoggedInIndicator | None = None
        self.survives_restart = False
        self.ends: dict[str, Step] = {}
        self._visits, self._suggested, self._warnings, self._functions = visits, suggested, warnings, functions
        self._sign_in, self._sign_out = functions.sign_in, functions.sign_out
        self._own: Held = {}  # what signing in has set
        self._lasts: dict[str, timedelta | None] = {}  # and for how long, by its name
        self._ended = False  # whether the page has shown nobody signed in after the sign-out

    def look_around(self, paths: Sequence[str], strangers: dict[str, list[str]]) -> list[Lifetime]:
        """What is set to who signs in; ``strangers`` has what each path shows to who does not."""
        visits = self._visits
        visits.begin("signed-in")
        for page in list(visits.pages):
            visits.visit(page)
        before, since = visits.held, visits.now
        self._enter()
        self._own = {scope: each for scope, each in visits.held.items() if _is_new(before, scope, each)}
        names = {name for name, _ in self._own}
        keys = [each.name for each in self._own.values() if is_key(each)]
        self._warnings.note_sign_in(keys, visits.visitor.wire[since:])
        step = self._sign_in.function
        new = [each for each in visits.settings(since) if each.name in names]
        self._lasts = {each.name: each.lasts for each in new}
        found = [lifetime for each in new for lifetime in self._suggested.suggest(step, each)]
        others = self._visit_all(paths, strangers)
        self._fixation(before, keys)
        if self.mark:
            found = [self._with_the_mark(each, self.mark) if each.name in (keys or names) else each for each in found]
        elif not names:
            self._warnings.note(
                f"{self._sign_in.as_name} sets no cookie, and no page that was visited shows who is signed in: name "
                "one that does with --visit."
            )
        self._close_the_browser()
        self._restart_the_site()
        self._leave()
        return [dataclasses.replace(each, deleted_by=self._end_of(each)) for each in [*found, *others]]

    def _with_the_mark(self, lifetime: Lifetime, mark: LoggedInIndicator) -> Lifetime:
        return self._suggested.at_page(lifetime, mark.page, mark.text)

    def _enter(self) -> None:
        if problem := self._visits.call(self._sign_in):
            raise CookieproofError(f"{self._sign_in} {problem}. See that it signs in, or mend the site.")

    def _visit_all(self, paths: Sequence[str], strangers: dict[str, list[str]]) -> list[Lifetime]:
        """Visit each path, and sign in anew after one that ends the sign-in."""
        visits, found = self._visits, list[Lifetime]()
        for path in paths:
            before, since = visits.held, visits.now
            if not visits.visit(path):
                continue
            self.mark = self.mark or self._find_mark(path, strangers.get(path, []))
            after = visits.held
            new = {name for name, scope in after if (name, scope) not in before}
            for setting in visits.settings(since):
                if setting.name in new and not self._is_known(setting.name):
                    found += self._suggested.suggest(self._functions.visiting(path), setting)
            if gone := {name for name, scope in before if (name, scope) not in after}:
                self.ends |= {name: path for name in gone if name not in self.ends}
                if gone & {name for name, _ in self._own}:
                    self._enter()
        return found

    def _is_known(self, name: str) -> bool:
        return name in self._suggested.known or any(name == own for own, _ in self._own)

    def _find_mark(self, path: str, to_strangers: Sequence[str]) -> LoggedInIndicator | None:
        """A text that the page which was visited last shows again at the next visit, and not to a stranger."""
        visits = self._visits
        others, host = "\n".join(to_strangers).casefold(), visits.visitor.host
        new = [each for each in visits.lines() if each.casefold() not in others and host not in each]
        new = [each for each in new if len(each) in range(2, LONGEST_MARK + 1)]
        if not new or not visits.visit(path):
            return None
        again = [each for each in visits.lines() if each in new]
        steady = sorted(again, key=lambda line: (any(each.isdigit() for each in line), not SAYS_SO.search(line)))
        return next((LoggedInIndicator(path, each) for each in steady if visits.shows(each)), None)

    def _is_in(self) -> bool:
        """Visit the page that tells it, and see whether somebody is signed in."""
        assert self.mark
        self._visits.visit(self.mark.page)
        return self._visits.shows(self.mark.text)

    # --- what looks wrong

    def _fixation(self, before: Held, keys: Sequence[str]) -> None:
        """Whether signing in has left a value as it was, by which somebody is known."""
        same = [each.name for scope, each in self._visits.held.items() if _is_key_of(before, scope, each)]
        same = [name for name in same if not keys or SESSION.search(name)]
        if self.mark and same:
            names = " and ".join(f'"{shown(name)}"' for name in same)
            self._warnings.note(
                f"{names} has the value after {self._sign_in.as_name} that it had before: whoever has planted it is "
                "signed in too (session fixation). Give the session another value at sign-in."
            )

    def _close_the_browser(self) -> None:
        tokens = tokens_of(self._visits.visitor)
        self._visits.visitor.restart()
        self._warnings.note_outlives_the_browser(left_of(tokens, self._visits.visitor))
        if not (self.mark and self._is_in()):
            return
        left = [each for scope, each in self._visits.held.items() if scope in self._own]
        who = f"who came by {self._sign_in.as_name} is still signed in after the browser was closed and opened again"
        if not left:
            self._warnings.note(
                f"{who}, though no cookie of the sign-in is left: it is kept elsewhere, in storage of the page say."
            )
        elif not any(PROMISED.search(each.name) for each in left):
            aged = [(each.name, lasts) for each in left if (lasts := self._lasts.get(each.name))]
            ages = " and ".join(f'"{shown(name)}", which lasts {duration(lasts)}' for name, lasts in aged)
            self._warnings.note(f"{who}{ages and ', by '}{ages}: right only where they asked to be remembered.")

    def _restart_the_site(self) -> None:
        """See whether a restart of the site leaves who is signed in signed in, where it can be restarted."""
        if not self._visits.site.can_restart or not self.mark:
            return
        if not self._is_in():
            self._enter()
        self._visits.site.restart()
        self.survives_restart = self._is_in()
        if not self.survives_restart:
            self._warnings.note(
                "a restart of the site signs everyone out, and so does each deploy: keep sessions, and the key that "
                "signs them, outside of its process."
            )

    def _leave(self) -> None:
        """Sign out, and see what is left."""
        if not self._sign_out:
            return
        if not (self.mark and self._is_in()):
            self._enter()
        held, tokens = self._visits.held, self._tokens()
        if problem := self._visits.call(self._sign_out):
            self._warnings.note(f"{self._sign_out.as_name} {problem}: it proves nothing, and is left out.")
            return
        self._warnings.note_outlives_the_sign_out(left_of(tokens, self._visits.visitor), self._sign_out.as_name)
        after = self._visits.held
        self.ends |= {name: self._sign_out.function for name, scope in held if (name, scope) not in after}
        left = [each.name for scope, each in after.items() if scope in self._own and _is_key_of(held, scope, each)]
        self._look_after(self._sign_out, " and ".join(f'"{shown(name)}"' for name in left))

    def _tokens(self) -> list[StorageItem]:
        """What looks like a token in the storage of the page that signing in has led to, or of the first page."""
        if self._visits.visitor.page.url == "about:blank":
            self._visits.visit(self._visits.pages[0])
        return tokens_of(self._visits.visitor)

    def _look_after(self, sign_out: UserFunction, left: str) -> None:
        if self.mark is None:
            if left:
                self._warnings.note(f"{sign_out.as_name} leaves {left}, by which somebody may still be signed in.")
        elif self._is_in():
            by = f", by {left}, which is left" if left else ", though no cookie of the sign-in is left as it was"
            self._warnings.note(
                f'{sign_out.as_name} signs nobody out: {self.mark.page} still shows "{shown(self.mark.text)}"{by}.'
            )
        else:
            self._ended = True

    def _end_of(self, lifetime: Lifetime) -> Step | None:
        """What deletes it. Where the page tells, it is enough that nobody is signed in any more."""
        if lifetime.name in self.ends:
            return self.ends[lifetime.name]
        return self._sign_out.function if self._sign_out and self._ended and lifetime.shows else None


def _is_new(before: Held, scope: tuple[str, CookieScope], cookie: StoredCookie) -> bool:
    return scope not in before or before[scope].value != cookie.value


def _is_key_of(before: Held, scope: tuple[str, CookieScope], cookie: StoredCookie) -> bool:
    """Whether it is what somebody may be known by, with the value that it had before."""
    return scope in before and before[scope].value == cookie.value and is_key(cookie)
