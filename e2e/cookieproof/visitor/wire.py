"""One visitor's exchanges with the site."""

from __future__ import annotations

from cookieproof.cookies.exchange import Exchange
from cookieproof.site.site import Site
from cookieproof.visitor.lives import Lives


class Wire:
    """Returns a visitor's exchanges with the site, each ``Set-Cookie`` parsed as the visitor's engine does."""

    def __init__(self, visitor: int, site: Site, lives: Lives) -> None:
        self._visitor, self._site, self._lives = visitor, site, lives

    def exchanges(self) -> list[Exchange]:
        """Return the exchanges of all lives, oldest first."""
        ours = (exchange for exchange in self._site.wire if exchange.visitor == self._visitor)
        return [exchange.read_by(self._lives.engine.browser) for exchange in ours]
