"""Finds free ports for sites' commands, and finds which process listens on which port."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import random
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import psutil

from cookieproof.errors import CookieproofError

LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}
FIRST, LAST = 10_000, 65_535  # below are the ports of well-known services
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
TRIES = 200
LISTEN = "0A"  # TCP_LISTEN of the kernel's tcp_states.h


class Listener(NamedTuple):
    """A TCP socket that listens."""

    host: str
    port: int
    process: psutil.Process | None  # None: of another user, whose processes cannot be looked into

    @property
    def is_loopback(self) -> bool:
        address = ipaddress.ip_address(self.host.partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        return bool((mapped or address).is_loopback)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class PortLease:
    """A port that no other worker on this machine takes while this worker holds the lease.

    The port is outside the kernel's range for outgoing connections, which could take it while a site restarts.
    """

    def __init__(self) -> None:
        low, high = map(int, EPHEMERAL.read_text().split())
        choices = [port for port in range(FIRST, LAST + 1) if not low <= port <= high] or range(FIRST, LAST + 1)
        for port in random.SystemRandom().sample(choices, min(TRIES, len(choices))):
            lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                # An abstract socket name, of the network namespace: the kernel frees it when the process ends.
                lock.bind(f"\0cookieproof-port-{port}")
            except OSError:
                lock.close()
                continue
            self.port, self._lock = port, lock
            if self.is_free:
                return
            lock.close()
        raise CookieproofError(
            f"No port is free for the site's command: {TRIES} were tried. Close what listens on this machine."
        )

    @property
    def is_free(self) -> bool:
        """Whether a server can bind the port now, even one without SO_REUSEADDR."""
        return all(_can_bind(family, host, self.port) for family, host in LOOPBACK.items())

    def close(self) -> None:
        """Release the lease."""
        self._lock.close()


def _can_bind(family: socket.AddressFamily, host: str, port: int) -> bool:
    try:
        with socket.socket(family) as tried:
            tried.bind((host, port))
    except OSError as error:
        return error.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)  # a machine without IPv6
    return True


def listening_sockets() -> frozenset[tuple[str, str]]:
    """Return address and inode of each TCP socket of this machine that listens: fast, but without the processes."""
    found = set[tuple[str, str]]()
    for table in map(Path, ("/proc/net/tcp", "/proc/net/tcp6")):
        with contextlib.suppress(FileNotFoundError):  # a machine without IPv6
            lines = (line.split() for line in table.read_text().splitlines()[1:])
            # proc_net(5): the local address, the state, the inode.
            found |= {(fields[1], fields[9]) for fields in lines if fields[3] == LISTEN}
    return frozenset(found)


def listeners(processes: Iterable[psutil.Process]) -> Iterator[Listener]:
    """Yield each socket on which these processes listen over TCP."""
    for process in processes:
        with contextlib.suppress(psutil.Error):  # it has just ended, or is another user's
            for each in process.net_connections("tcp"):
                if each.status == psutil.CONN_LISTEN:
                    yield Listener(each.laddr.ip, each.laddr.port, process)


def beyond_loopback(found: Iterable[Listener]) -> list[str]:
    """Return the sockets that other machines can reach, each as ``host:port``."""
    return sorted({str(each) for each in found if not each.is_loopback})


def listeners_on(port: int) -> Iterator[Listener]:
    """Yield each socket of this machine that listens on this port."""
    for each in psutil.net_connections("tcp"):
        if each.status == psutil.CONN_LISTEN and each.laddr.port == port:
            with contextlib.suppress(psutil.NoSuchProcess):
                yield Listener(each.laddr.ip, each.laddr.port, psutil.Process(each.pid) if each.pid else None)
