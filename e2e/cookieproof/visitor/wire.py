"""One visitor's exchanges with the site."""

from __future__ import annotations

from cookieproof.cookies.exchange import Exchange
from cookieproof.site.site import Site
from cookieproof.visitor.lives import Lives


class Wire:
    """Reads them from the site, as the visitor's engine reads cookies."""

    def __init__(self, visitor: int, site: Site, lives: Lives) -> None:
        self._visitor, self._site, self._lives = visitor, site, lives

    def exchanges(self) -> list[Exchange]:
        """In all lives, oldest first."""
        ours = (exchange for exchange in self._site.wire if exchange.visitor == self._visitor)
        return [exchange.read_by(self._lives.engine.browser) for exchange in ours]
