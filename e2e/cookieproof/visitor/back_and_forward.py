"""The methods by which a visitor goes back and forward in the session history of a page."""

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
    """A mixin of ``Visitor`` with ``back`` and ``forward``; ``Visitor`` defines the names that are declared here."""

    network_idle: NetworkIdle
    store: Store
    _navigation: Navigation

    @property
    @abstractmethod
    def page(self) -> Page:
        """The page that goes back or forward."""

    def back(self) -> CameFrom:
        """Go back one page, as a person does, wait until the page is there, and return where it came from.

        The result is "memory" (the back/forward cache), "disk" (the HTTP cache) or "site" (a request that the site
        answered). Its ``text`` is the text of the page once the network is idle.
        """
        return self._go(-1)

    def forward(self) -> CameFrom:
        """Go forward one page; the result is that of ``back``."""
        return self._go(1)

    def _go(self, step: Literal[-1, 1]) -> CameFrom:
        self.network_idle.await_scripts_cookies()
        self.store.snapshot()
        came = self._navigation.go(self.page, step)
        self.store.snapshot()
        return came
