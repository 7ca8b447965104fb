"""Which hosts belong to a site, and which browser asks at a port of the recorder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PORTS = {"http": 80, "https": 443}
LOOPBACK = ("localhost", "*.localhost", "127.0.0.1", "[::1]")


@dataclass
class ProxyClient:
    """The visitor whose browser asks at one port of the recorder, and the number of the browser's life."""

    visitor: int
    life: int = 0

    def begin(self, life: int) -> None:
        """Count requests from now on as requests of this life."""
        self.life = life


@dataclass(frozen=True)
class Hosts:
    """The hosts of a site: patterns of host names (``*.shop.example``), and the ports under which it is visited.

    ``real`` are the names under which the site is also visited at the default ports, 80 and 443. ``allowed`` are
    patterns of other hosts: requests to them pass unrecorded, as do requests to other ports of this machine.
    """

    names: tuple[str, ...]
    ports: tuple[int, ...]
    allowed: tuple[str, ...] = ()
    real: tuple[str, ...] = ()

    def are_the_sites(self, host: str, port: int) -> bool:
        """Return whether a request to this host (in lower case) and port is for the site."""
        return (port in self.ports and matches(host, self.names)) or (
            port in PORTS.values() and matches(host, self.real)
        )

    def may_pass(self, host: str) -> bool:
        """Return whether a request to this host, which is not the site's, may be passed on."""
        return matches(host, (*LOOPBACK, *self.allowed))


def matches(host: str, patterns: Sequence[str]) -> bool:
    """Return whether the host matches one of the patterns; ``*.shop.example`` is each name below ``shop.example``."""
    return any(host == pattern or (pattern.startswith("*.") and host.endswith(pattern[1:])) for pattern in patterns)
