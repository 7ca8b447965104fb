"""One run of one scenario for a sign-in: when it ends, and by what the site knew who had signed in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cookieproof.cookies.storage import StorageItem
from cookieproof.promises.lifetimes import Lifetime
from cookieproof.promises.scenario_run import ScenarioRun
from cookieproof.promises.steps import Visit
from cookieproof.visitor.visitor import Visitor

if TYPE_CHECKING:
    from cookieproof.promises.scenarios.scenario import Scenario


class SignInRun(ScenarioRun):
    """A run for a ``SignIn``: each cookie of its host and each name in its storage may be what keeps it.

    Nobody but the site knows the second at which a sign-in begins. So it ends between ``end``, counted from the
    first request of the step by which it began or was renewed, and ``latest_end``, counted from when that was over.
    """

    def __init__(self, lifetime: Lifetime, scenario: Scenario, number: int, visitor: Visitor) -> None:
        self.latest_end = datetime.max.replace(tzinfo=UTC)
        self.sent: dict[str, str] = {}  # the cookies with which a page was asked for that showed who is signed in
        self.stored: tuple[StorageItem, ...] = ()  # what that page kept in its storage
        self.kept_until: dict[str, datetime | None] = {}  # the expiry of each of these cookies, when they were sent
        self.life = 0  # of the visitor, when it was shown last
        super().__init__(lifetime, scenario, number, visitor)

    def is_about(self, name: str) -> bool:
        return True

    def begins(self, visit: Visit) -> None:
        """Count the sign-in's lifetime from this visit."""
        first = visit.exchanges[0].time if visit.exchanges else visit.time
        self.begin, self.is_set = first, True
        self.end, self.latest_end = first + self.lasts, visit.time + self.lasts

    def may_be_renewed(self, visit: Visit) -> None:
        """Note that this visit may have renewed it, or may not."""
        self.latest_end = visit.time + self.lasts

    def ends_by(self, moment: datetime) -> None:
        """Take back that a visit may have renewed it: it ends by this moment."""
        self.latest_end = moment

    def note_shown(self, visit: Visit) -> None:
        """Remember by what the site knew who is signed in, for when it no longer does."""
        self.life = self.visitor.life
        self.sent = visit.exchanges[0].cookies if visit.exchanges else {}
        self.kept_until = {each.name: each.expires for each in self.all_held()}
        self.stored = visit.stored

    def note_signed_in(self) -> None:
        """Remember what signing in left, where no page has shown yet by what the site knows who it is."""
        held = [each for each in self.all_held() if self.lifetime.path.startswith(each.path)]
        self.life = self.visitor.life
        self.sent = {each.name: each.value or "" for each in held}
        self.kept_until = {each.name: each.expires for each in held}

    @property
    def window_begins(self) -> datetime:
        """When the last part of its time begins, in which visits renew it."""
        return self.end - min(self.lifetime.window, self.lasts) if self.lasts else self.end

    @property
    def half_way(self) -> timedelta:
        return (self.end - self.begin) / 2
