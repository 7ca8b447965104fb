"""Visits a site, first signed out and then signed in, and proves what the visits suggest."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from cookieproof.commands.discover.functions import Functions
from cookieproof.commands.discover.proven_lifetimes import ProvenLifetimes
from cookieproof.commands.discover.security_warnings import MAKE_A_KEY, SecurityWarnings, app_info_of
from cookieproof.commands.discover.signed_in import SignedIn
from cookieproof.commands.discover.suggested_lifetimes import SuggestedLifetimes
from cookieproof.commands.discover.tokens import tokens_left, tokens_of
from cookieproof.commands.discover.visits import Visits
from cookieproof.commands.discover.written import File, Run
from cookieproof.cookies.storage import StorageItem
from cookieproof.errors import CookieproofError
from cookieproof.harness import CommandHarness
from cookieproof.promises.lifetimes import Lifetime
from cookieproof.site.site import Site


class Discovery:
    """Finds the cookies that some paths of a site set. Raises ``CookieproofError`` if the site does not answer."""

    def __init__(
        self, command: CommandHarness, site: Site, paths: Sequence[str], functions: Functions, run: Run
    ) -> None:
        self.command, self.site, self.paths, self.functions, self.run = command, site, paths, functions, run
        self.notes: list[str] = []
        self._warnings = SecurityWarnings(site, self.notes)
        self._visits = Visits(
            site, command.new_visitor(site), paths, self._warnings.look, signs_in=functions.sign_in is not None
        )
        self._visits.find_host()
        host = self._visits.host if self._visits.host != site.only_host else None
        self._suggested = SuggestedLifetimes(self._visits.pages, self.notes, host)

    def file(self) -> str:
        """Return the text of the test file. Raises ``CookieproofError`` if there is nothing to declare."""
        found, strangers = self._visit_signed_out()
        ends, signed_in = {each.name for each in found if each.deleted_by}, None
        if self.functions.sign_in:
            signed_in = SignedIn(self._visits, self._suggested, self._warnings, self.functions)
            found += signed_in.explore(self.paths, strangers)
            ends |= signed_in.ends.keys()
        self.notes += self._visits.troubles.values()
        self._visits.visitor.end()
        if not found:
            raise CookieproofError(self._nothing())
        proven = ProvenLifetimes(self.command, self.site, self._suggested, ends, self.notes)
        proven.prove(found)
        if not proven.proven and not proven.outliving:
            raise CookieproofError("No cookie does as it says:\n" + "\n".join(proven.refuted.values()))
        self._check_secret_key()
        file = File(self.run, self.functions)
        file.add_lifetimes(proven.proven, proven.refuted)
        file.add_outliving(proven.outliving)
        if signed_in and signed_in.indicator and signed_in.survives_restart:
            file.add_restart(signed_in.indicator)
        return file.text([*(f"Warning: {note}" for note in self.notes), *self._remarks(proven)])

    def _nothing(self) -> str:
        by = ", ".join([*self.paths, *(each.as_name for each in self.functions.imports)])
        what_next = self._not_visited() or "Name other pages with --visit."
        form = "" if self.functions.sign_in else " What a form sets is found with a function: --sign-in."
        return f"No cookie is set by {by}. {''.join(f'{note} ' for note in self.notes)}{what_next}{form}"

    def _remarks(self, proven: ProvenLifetimes) -> list[str]:
        """Return remarks that are no warnings: what was not seen, and why."""
        remarks = []
        if self._suggested.host:
            remarks.append(f"It answers to {self._suggested.host}, and not to names below localhost: each has host=.")
        if proven.no_clock and proven.outliving:
            remarks.append(f"That they end in time was not proven: {proven.no_clock}")
        return [*remarks, *filter(None, [self._not_visited()])]

    def _not_visited(self) -> str:
        others = [page for page in app_info_of(self.site).pages if page not in self.paths]
        return f"Not visited, since not named with --visit: {', '.join(others)}." if others else ""

    def _visit_signed_out(self) -> tuple[list[Lifetime], dict[str, list[str]]]:
        """Visit each path as a new visitor; return a lifetime for each cookie, and the lines that each path shows."""
        visits, found, shown = self._visits, list[Lifetime](), dict[str, list[str]]()
        tokens: list[StorageItem] = []
        for number, path in enumerate(self.paths, start=1):
            visits.begin(str(number))
            visits.visit(path)
            shown[path] = visits.lines() if self.functions.sign_in else []
            tokens += tokens_of(visits.visitor)
            for setting in visits.new_cookies():
                found += self._suggested.suggest_new(path, setting)
        if tokens:
            visits.visitor.restart()
            self._warnings.note_outlives_the_browser(tokens_left(tokens, visits.visitor))
        return self._with_deletions(found), shown

    def _with_deletions(self, found: Sequence[Lifetime]) -> list[Lifetime]:
        """Return the lifetimes with the path that deletes each, found by visits after all cookies were set."""
        visits, ends = self._visits, dict[str, str]()
        visits.begin("all")
        for each in found:
            visits.visit(str(each.set_by))
        for path in self.paths if found else ():
            before = {name for name, _ in visits.held}
            answered = visits.visit(path)
            gone = before - {name for name, _ in visits.held}
            if answered:  # a path that answers with an error is no step
                ends |= {name: path for name in gone if name not in ends}
        return [dataclasses.replace(each, deleted_by=ends.get(each.name)) for each in found]

    def _check_secret_key(self) -> None:
        """Warn if the app has another secret key after a restart; do nothing if it does not tell its key."""
        key = app_info_of(self.site).secret_key
        if not key:
            return
        self.site.restart()
        if app_info_of(self.site).secret_key != key:
            self._warnings.note(
                "SECRET_KEY is another one after a restart, so each deploy signs everyone out. Make one once "
                f"({MAKE_A_KEY}), keep it in the environment, and read it with app.config.from_prefixed_env()."
            )
