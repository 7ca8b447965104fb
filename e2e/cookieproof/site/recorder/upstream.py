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
    """Where a site listens; with ``tls`` over TLS, verified by that.

    ``start`` counts the starts of its process: no connection to an earlier one is used again.
    """

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    start: int = 0


class Origin(Protocol):
    """What a site tells the recorder of itself."""

    def address(self, scheme: str, host: str, port: int) -> Address:
        """Return where the site listens at present, for a URL of this scheme, host and port that a browser asks for."""

    def why_silent(self) -> str:
        """Return why the site cannot be reached, in a sentence; an empty text if nobody knows."""

    @property
    def forwarded(self) -> bool:
        """Whether it is told by ``X-Forwarded-*`` how it was asked, as a site behind nginx is."""


class Upstream:
    """A connection to a site, kept for the next request on the browser's connection that it belongs to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: Address) -> None:
        self.reader, self.writer, self.address = reader, writer, address
        self.is_used = False  # an answer has come over it

    @classmethod
    async def connect(cls, address: Address) -> Upstream:
        """Connect to this address, over TLS if it says so.

        Raises ``OSError`` where nobody listens, ``ssl.SSLError`` where the certificate is not to be trusted.
        """
        # Browsers know these names to be this machine (RFC 6761, 6.3), and not every resolver does.
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
        """Note that an answer has come over this connection: the site may close it from now on, unasked."""
        self.is_used = True

    def serves(self, address: Address) -> bool:
        """Whether a request to this address can go over this connection."""
        return self.address == address and not self.reader.at_eof() and not self.writer.is_closing()

    def close(self) -> None:
        """Close the connection."""
        self.writer.close()
