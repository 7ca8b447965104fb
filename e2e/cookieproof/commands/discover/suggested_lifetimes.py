"""Makes a lifetime from what was seen of each cookie, before it is proven."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from cookieproof.commands.discover.visits import Setting
from cookieproof.promises.lifetimes import AGE_LIMIT, SHORTEST, WITH_THE_BROWSER, Lifetime, Step
from cookieproof.words import duration, shown


class SuggestedLifetimes:
    """Makes lifetimes of what was set; a cookie that cannot have one gets a note."""

    def __init__(self, pages: Sequence[str], notes: list[str], host: str | None = None) -> None:
        """``pages`` are what was visited and answered with a page, as it grows; ``host`` is to be declared in all."""
        self.host = host
        self.known = set[str]()  # names of cookies that are set to whoever comes
        self._pages, self._notes = pages, notes
        self._scopes: dict[tuple[str, Step], str] = {}  # the path of a cookie, by its name and what sets it

    def suggest_new(self, set_by: Step, setting: Setting) -> list[Lifetime]:
        """Like ``suggest``, of what is set to whoever comes; nothing of what another step was seen to set."""
        if setting.name in self.known:
            return []
        self.known.add(setting.name)
        return self.suggest(set_by, setting)

    def suggest(self, set_by: Step, setting: Setting) -> list[Lifetime]:
        """Return the lifetime of a cookie that a step has set, None if none can be declared."""
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
        """The same, visited at another page than what sets it, whose visit is no renewal; as it is if there is none."""
        page = self._page_for(self._scopes[lifetime.name, lifetime.set_by], lifetime.path)
        is_right = lifetime.path == lifetime.set_by and page != lifetime.deleted_by
        return dataclasses.replace(lifetime, path=page) if is_right else lifetime

    def at_page(self, lifetime: Lifetime, page: str, shows: str) -> Lifetime:
        """The same, visited at a page that shows something as long as it lives, if the cookie is sent there."""
        is_sent = is_below(page, self._scopes[lifetime.name, lifetime.set_by])
        return dataclasses.replace(lifetime, path=page, shows=shows) if is_sent else lifetime

    def _page_for(self, scope: str, step: Step) -> str:
        """A page that was seen to answer and gets cookies of the path ``scope``, if it can not the step's own."""
        below = [page for page in self._pages if is_below(page, scope)]
        others = [page for page in ("/", *below) if page in below and page != step]
        return next(iter(others), step if isinstance(step, str) else scope)


def is_below(page: str, scope: str) -> bool:
    """Return whether cookies of the path ``scope`` are sent to the page."""
    return f"{page.partition('?')[0]}/".startswith(f"{scope.rstrip('/')}/")
