"""The lives that the account's ``remember`` began, and the cookies by which the site remembers a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cookieproof.promises.audit import session as session_search

if TYPE_CHECKING:
    from cookieproof.promises.audit.copies import Part
    from cookieproof.promises.audit.running_audit import Life, RunningAudit


class RememberedLives:
    """Begins as few of them as may be: all requirements look at the same.

    A ``remember`` that has failed is not called again: each requirement that needs it fails with the same words.
    """

    def __init__(self, audit: RunningAudit) -> None:
        self._audit = audit
        self._lives: list[Life] = []
        self._sets: tuple[frozenset[Part], ...] | None = None
        self._problem: BaseException | None = None

    @property
    def parts(self) -> list[Part]:
        """All cookies by which the site remembers a person and that are not the session; none without ``remember``."""
        return sorted({part for each in self.sets for part in each}, key=str)

    @property
    def sets(self) -> tuple[frozenset[Part], ...]:
        """The smallest sets of cookies that outlive the browser each of which signs in.

        A site may make a remember-me cookie anew whenever it is used, so a life is begun in which they may be used up.
        """
        if self._audit.account.remember is None:
            return ()
        if self._sets is None:
            life, outside = self.begin(), self._audit.outside
            self._sets = session_search.smallest(life.copy, lasting(life, self._audit.session.parts), outside)
        return self._sets

    @property
    def life(self) -> Life:
        """The last of the lives."""
        return self._lives[-1] if self._lives else self.begin()

    def values(self) -> list[dict[Part, str]]:
        """Return the values of ``parts`` in two lives or more, in their order."""
        parts = self.parts
        while parts and len(self._lives) < 2:
            self.begin()
        copies = [each.copy for each in self._lives]
        return [{part: value for part in parts if (value := copy.value(part)) is not None} for copy in copies]

    def secrets(self) -> list[str]:
        """Return the values of ``parts`` in ``life`` that are long enough to be known where they stand."""
        parts = self.parts  # before ``life``, which they may begin
        values = [self.life.copy.value(part) or "" for part in parts]
        return [each for each in values if len(each) >= session_search.SHORTEST_TOKEN]

    def begin(self) -> Life:
        """Sign in by ``remember``, in a browser without cookies and storage."""
        if self._problem:
            raise self._problem
        try:
            self._lives.append(self._audit.begin_life(self._audit.account.remember))
        except self._audit.failures as problem:
            self._problem = problem
            raise
        return self._lives[-1]


def lasting(life: Life, session: Sequence[Part]) -> list[Part]:
    """Return the cookies of a life that outlive the browser and are not the session itself."""
    return [part for part in life.lasting if part not in session]
