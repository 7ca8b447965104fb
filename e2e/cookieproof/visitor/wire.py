"""One visitor's exchanges with the site, whoever tells of them."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import TYPE_CHECKING

from cookieproof.clock.clock import Clock
from cookieproof.cookies.exchange import Exchange
from cookieproof.site.site import Site
from cookieproof.visitor.lives import Lives

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Response


class Wire:
    """Reads them from the site; where the site runs elsewhere, tells it first what the browser tells."""

    def __init__(self, visitor: int, site: Site, lives: Lives, clock: Clock) -> None:
        self._visitor, self._site, self._lives, self._clock = visitor, site, lives, clock
        self._responses: list[tuple[datetime, Response]] = []  # and when each came

    def watch(self, context: BrowserContext) -> None:
        if not self._site.served:
            context.on("response", lambda response: self._responses.append((self._clock.now("browser"), response)))

    def flush_responses(self) -> None:
        """Tell the site of its exchanges, while the browser still can."""
        from playwright.sync_api import Error

        responses, self._responses = self._responses, []
        for moment, response in responses:
            with contextlib.suppress(Error):  # the browser has ended by itself
                self._site.write_down(self._visitor, self._lives.number, moment, response)

    def exchanges(self) -> list[Exchange]:
        """In all lives, oldest first; cookies as this engine reads them."""
        self.flush_responses()
        ours = (exchange for exchange in self._site.wire if exchange.visitor == self._visitor)
        return [exchange.read_by(self._lives.engine.browser) for exchange in ours]
