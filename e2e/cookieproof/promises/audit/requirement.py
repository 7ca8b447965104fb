"""What a requirement of the audit is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Literal

from cookieproof.promises.audit.finding import Finding

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class Requirement(ABC):
    """One row of the audit: a file of its own in ``requirements/``, which is named in ``REQUIREMENTS``.

    ``wstg`` is the row of the WSTG's chapter on sessions (``"WSTG-SESS-06"``), ``name`` what the test is called after,
    ``asvs`` the id in ASVS 5.0.0 (``"v5.0.0-7.4.1"``; an empty text where it has none), ``level`` the ASVS level from
    which it is asked, and ``sentence`` what is required. ``needs`` names the fields of ``Account`` without which it is
    not asked. ``moves_clock`` says whether it is judged only where the clock can be moved, and ``restarts`` whether it
    closes the browser.
    """

    wstg: ClassVar[str]
    name: ClassVar[str]
    asvs: ClassVar[str] = ""
    level: ClassVar[Literal[1, 2, 3]] = 1
    sentence: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()
    moves_clock: ClassVar[bool] = False
    restarts: ClassVar[bool] = False

    @abstractmethod
    def judge(self, audit: RunningAudit) -> Finding:
        """Take the steps that prove it, and return what they came to.

        What is raised, by a step of the account's say, fails it with that text.
        """

    @property
    def test_name(self) -> str:
        """``WSTG-SESS-06 signing out ends every copy``."""
        return f"{self.wstg} {self.name}"

    @property
    def source(self) -> str:
        """``ASVS v5.0.0-7.4.1, level 1``."""
        return f"ASVS {self.asvs}, level {self.level}" if self.asvs else "no ASVS id"
