"""Suggests a lifetime from what was seen of each cookie, before it is proven."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from cookieproof.commands.discover.visits import NewCookie
from cookieproof.cookies.matching import path_matches
from cookieproof.cookies.set_cookie import AGE_LIMIT
from cookieproof.promises.lifetimes import SHORTEST, WITH_THE_BROWSER, Lifetime, Step
from cookieproof.words import duration, shown


class SuggestedLifetimes:
    """Suggests lifetimes of the cookies that were set, and notes each cookie that cannot have one."""

    def __init__(self, pages: Sequence[str], notes: list[str], host: str | None = None) -> None:
        """Suggest lifetimes with pages of ``pages``, a list that grows with each visit; ``host`` is declared in all."""
        self.host = host
        self.known = set[str]()  # names of cookies that are set without signing in
        self._pages, self._notes = pages, notes
        self._scopes: dict[tuple[str, Step], str] = {}  # the Path of a cookie, by its name and what sets it

    def suggest_new(self, set_by: Step, setting: NewCookie) -> list[Lifetime]:
        """Return what ``suggest`` returns for a cookie that is set without signing in; nothing for a known name."""
        if setting.name in self.known:
            return []
        self.known.add(setting.name)
        return self.suggest(set_by, setting)

    def suggest(self, set_by: Step, setting: NewCookie) -> list[Lifetime]:
        """Return a list with the lifetime of a cookie that a step has set; empty if none can be declared."""
        name, lasts = setting.name, setting.lasts
        if lasts is not None and lasts < SHORTEST:
            self._note(f'"{shown(name)}" lasts {duration(lasts)} only, which is too short to be proven.')
            return []
        if lasts is not None and lasts > AGE_LIMIT:
            self._note(
                f'"{shown(name)}" asks for {lasts.days} days, but browsers keep no cookie for more than '
                f"{duration(AGE_LIMIT)} (RFC 6265bis, 5.5)."
            )
            lasts = AGE_LIMIT
        page, self._scopes[name, set_by] = self._page_for(setting.scope, set_by), setting.scope
        return [Lifetime(name, set_by=set_by, lasts=lasts or WITH_THE_BROWSER, path=page, host=self.host)]

    def _note(self, note: str) -> None:
        if note not in self._notes:
            self._notes.append(note)

    def at_another_page(self, lifetime: Lifetime) -> Lifetime:
        """Return the lifetime with another path than that of ``set_by``, if there is one, since its visit sets anew."""
        page = self._page_for(self._scopes[lifetime.name, lifetime.set_by], lifetime.path)
        is_right = lifetime.path == lifetime.set_by and page != lifetime.deleted_by
        return dataclasses.replace(lifetime, path=page) if is_right else lifetime

    def at_page(self, lifetime: Lifetime, page: str, shows: str) -> Lifetime:
        """Return the lifetime with ``page`` and the text that it shows, if the cookie is sent to the page."""
        is_sent = is_below(page, self._scopes[lifetime.name, lifetime.set_by])
        return dataclasses.replace(lifetime, path=page, shows=shows) if is_sent else lifetime

    def _page_for(self, scope: str, step: Step) -> str:
        """Return a visited page that gets cookies of the path ``scope``, if possible not the step's own."""
        below = [page for page in self._pages if is_below(page, scope)]
        others = [page for page in ("/", *below) if page in below and page != step]
        return next(iter(others), step if isinstance(step, str) else scope)


def is_below(page: str, scope: str) -> bool:
    """Return whether cookies of the path ``scope`` are sent to the page."""
    return path_matches(scope, page.partition("?")[0])
