"""The side of the recorder that connects to sites."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import Protocol

from cookieproof.site.recorder.head import MOST_BYTES

CONNECT_SECONDS = 10.0


@dataclass(frozen=True)
class Address:
    """Where a site listens; ``tls`` is the TLS context that verifies it, None for plain http.

    ``start`` counts the starts of the site's process: connections to an earlier start are not used again.
    """

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    start: int = 0


class Origin(Protocol):
    """What the recorder needs to know of a site."""

    def address(self, scheme: str, host: str, port: int) -> Address:
        """Return the address at which the site listens, for a URL of this scheme, host and port."""

    def why_unreachable(self) -> str:
        """Return why the site cannot be reached, as a sentence; an empty text if that is unknown."""

    @property
    def forwarded(self) -> bool:
        """Whether the site gets ``X-Forwarded-*`` headers, as a site behind nginx does."""


class Upstream:
    """A connection to a site, kept for the next request on the same connection of the browser."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: Address) -> None:
        self.reader, self.writer, self.address = reader, writer, address
        self.is_used = False  # an answer has come over it

    @classmethod
    async def connect(cls, address: Address) -> Upstream:
        """Open a connection to this address, over TLS if ``address.tls`` is set.

        Raises ``OSError`` where nobody listens, ``ssl.SSLError`` where the certificate is not trusted.
        """
        # Browsers resolve these names to this machine (RFC 6761, 6.3); not every resolver does.
        host = "localhost" if address.host.endswith(".localhost") else address.host.strip("[]")
        opened = asyncio.open_connection(
            host,
            address.port,
            ssl=address.tls,
            server_hostname=address.host if address.tls else None,
            limit=MOST_BYTES,
        )
        return cls(*await asyncio.wait_for(opened, CONNECT_SECONDS), address)

    def note_answer(self) -> None:
        """Note that an answer has come over this connection: the site may close an idle connection from now on."""
        self.is_used = True

    def serves(self, address: Address) -> bool:
        """Return whether a request to this address can go over this connection."""
        return self.address == address and not self.reader.at_eof() and not self.writer.is_closing()

    def close(self) -> None:
        """Close the connection."""
        self.writer.close()
