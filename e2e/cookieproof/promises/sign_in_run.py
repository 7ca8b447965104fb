"""One run of a scenario for a sign-in: when the sign-in ends, and by what the site knew the person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cookieproof.cookies.matching import path_matches
from cookieproof.cookies.storage import StorageItem
from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.scenario_run import ScenarioRun
from cookieproof.promises.steps import Visit
from cookieproof.visitor.visitor import Visitor

if TYPE_CHECKING:
    from cookieproof.promises.scenarios.scenario import Scenario


class SignInRun(ScenarioRun):
    """A run for a ``SignIn``: any cookie of its host and any item of its storage may keep the sign-in.

    Only the site knows the second at which a sign-in begins. So it ends between ``end``, counted from the first
    request of the step that began or renewed it, and ``latest_end``, counted from the end of that step.
    """

    def __init__(self, lifetime: Lifetime, scenario: Scenario, number: int, visitor: Visitor) -> None:
        self.latest_end = datetime.max.replace(tzinfo=UTC)
        self.sent: dict[str, str] = {}  # the cookies of the request for the page that last showed who is signed in
        self.stored: tuple[StorageItem, ...] = ()  # what that page kept in its storage
        self.kept_until: dict[str, datetime | None] = {}  # the expiry of each of these cookies, when they were sent
        self.life = 0  # the visitor's life when the page last showed it
        super().__init__(lifetime, scenario, number, visitor)

    def is_about(self, name: str) -> bool:
        return True

    def begins(self, visit: Visit) -> None:
        """Count the sign-in's lifetime from this visit."""
        self.begin, self.is_set = visit.began, True
        self.end, self.latest_end = visit.began + self.lasts, visit.time + self.lasts

    def may_be_renewed(self, visit: Visit) -> None:
        """Note that this visit may or may not have renewed the sign-in."""
        self.latest_end = visit.time + self.lasts

    def ends_by(self, moment: datetime) -> None:
        """Note that the sign-in ends by this moment: a visit has not renewed it."""
        self.latest_end = moment

    def note_shown(self, visit: Visit) -> None:
        """Remember the cookies and storage items by which the site knew the person, for a later failure."""
        self.life = self.visitor.life
        self.sent = visit.exchanges[0].cookies if visit.exchanges else {}
        self.kept_until = {each.name: each.expires for each in self.all_held()}
        self.stored = visit.stored

    def note_signed_in(self) -> None:
        """Remember the cookies that signing in left, if no page has shown yet who is signed in."""
        path = self.lifetime.path.partition("?")[0]
        held = [each for each in self.all_held() if path_matches(each.path, path)]
        self.life = self.visitor.life
        self.sent = {each.name: each.value or "" for each in held}
        self.kept_until = {each.name: each.expires for each in held}

    @property
    def window_begins(self) -> datetime:
        """When the last part of the sign-in's time begins, in which visits renew it."""
        return self.end - min(self.lifetime.window, self.lasts) if self.lasts else self.end

    @property
    def half_way(self) -> timedelta:
        return (self.end - self.begin) / 2
