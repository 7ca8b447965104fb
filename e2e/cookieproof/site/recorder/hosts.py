"""Whose requests the recorder gets, and for whom they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PORTS = {"http": 80, "https": 443}
LOOPBACK = ("localhost", "*.localhost", "127.0.0.1", "[::1]")


@dataclass
class ProxyClient:
    """Whose browser asks at one port of the recorder, and in which of its lives."""

    visitor: int
    life: int = 0

    def begin(self, life: int) -> None:
        """Take what it asks from now on for requests of this life."""
        self.life = life


@dataclass(frozen=True)
class Hosts:
    """Whose requests are the site's: patterns of host names (``*.shop.example``), and the ports at which it is had.

    ``real`` are those of them under which it is had at the ports that URLs leave out, too. ``allowed`` are patterns of
    other hosts, whose requests pass unrecorded, as those to other ports of this machine do.
    """

    names: tuple[str, ...]
    ports: tuple[int, ...]
    allowed: tuple[str, ...] = ()
    real: tuple[str, ...] = ()

    def are_the_sites(self, host: str, port: int) -> bool:
        """Whether a request to this host (in lower case) at this port is for the site."""
        return (port in self.ports and matches(host, self.names)) or (
            port in PORTS.values() and matches(host, self.real)
        )

    def may_pass(self, host: str) -> bool:
        """Whether a request to this host, which is not the site's, may go where it leads."""
        return matches(host, (*LOOPBACK, *self.allowed))


def matches(host: str, patterns: Sequence[str]) -> bool:
    """Whether the host matches one of these patterns; ``*.shop.example`` is each name below ``shop.example``."""
    return any(host == pattern or (pattern.startswith("*.") and host.endswith(pattern[1:])) for pattern in patterns)
