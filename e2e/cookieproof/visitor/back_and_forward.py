"""The verbs by which a visitor goes through the history of their page."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Literal

from cookieproof.visitor.navigation import Navigation
from cookieproof.visitor.network_idle import NetworkIdle
from cookieproof.visitor.session_history import CameFrom
from cookieproof.visitor.store import Store

if TYPE_CHECKING:
    from playwright.sync_api import Page

__tracebackhide__ = True  # a failure points at the line of the test


class BackAndForward(ABC):
    """Part of ``Visitor``, which has what is named here."""

    network_idle: NetworkIdle
    store: Store
    _navigation: Navigation

    @property
    @abstractmethod
    def page(self) -> Page:
        """The page that goes back and forward."""

    def back(self) -> CameFrom:
        """Go back to the page before, as a person does, and wait until it is there.

        Returns where it came from: "memory" (the back/forward cache), "disk" (the HTTP cache) or "site" (a request
        that the site answered); and as its ``text`` what it shows.
        """
        return self._go(-1)

    def forward(self) -> CameFrom:
        """Go forward again, as ``back`` goes back."""
        return self._go(1)

    def _go(self, step: Literal[-1, 1]) -> CameFrom:
        self.network_idle.await_scripts_cookies()
        self.store.snapshot()
        came = self._navigation.go(self.page, step)
        self.store.snapshot()
        return came
