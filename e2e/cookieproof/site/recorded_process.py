"""A site's process group and the recorder before it: kept for the whole run, at one port."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from cookieproof.site.recorder.hosts import Hosts
from cookieproof.site.recorder.recorder import Recorder
from cookieproof.site.recorder.upstream import Address
from cookieproof.site.site_process import SiteProcess

# The names that lead to this machine or to nowhere (RFC 6761): no browser asks anybody else for them.
OWN_NAMES = ("localhost", "*.localhost", "127.0.0.1", "*.test")
NOTICED_SECONDS = 1.0  # a process that has broken a connection by its end is known to have ended
P = TypeVar("P", bound=SiteProcess)


class RecordedProcess(Generic[P]):
    """The process may listen elsewhere after each start: browsers know the recorder's port, ``port``."""

    forwarded = True  # it is told what a site behind nginx is told

    def __init__(
        self,
        process: P,
        recorder: Recorder,
        named: tuple[str, ...] = (),
        allowed: Sequence[str] = (),
        other: str = "",
    ) -> None:
        """``named`` are further hosts of the site, had at 80 and 443, ``allowed`` others that may be reached.

        ``other`` is the host of a site beside the first, to which the names of this machine are left at these ports.
        """
        self.process, self.recorder, self.named, self.other = process, recorder, named, other
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = listener.getsockname()[1]
        hosts = Hosts((*OWN_NAMES, *named), (self.port,), tuple(allowed), named if other else (*OWN_NAMES, *named))
        self.recording = recorder.record(self, hosts)
        self._front = recorder.listen(self.recording, listener=listener)
        self._starts = 0

    @property
    def log_file(self) -> Path:
        return self.process.log_file

    def address(self, scheme: str, host: str, port: int) -> Address:
        there, at = self.process.address
        return Address(there, at, start=self._starts)

    def why_silent(self) -> str:
        return self.death(NOTICED_SECONDS)

    def death(self, within: float = 0) -> str:
        """How the process ended by itself, while it did what, and what it said; an empty text if it has not.

        ``within`` so many seconds: for who has found a connection broken.
        """
        if not self.process.death(within):
            return ""
        asked = self.recording.unanswered()
        return self.process.death(0, f" while it answered {' and '.join(asked)}" if asked else "")

    def off_the_clock(self) -> list[str]:
        return self.process.off_the_clock()

    def beyond_loopback(self) -> list[str]:
        return self.process.beyond_loopback()

    def ensure_plain(self) -> None:
        with self.recorder.held(self.recording):
            self.process.ensure_plain()
            self._starts += 1

    def restart(self, env: Mapping[str, str] | None, **config: Any) -> None:
        """Have requests wait until it has started again; connections to the process that ends are not used again."""
        with self.recorder.held(self.recording):
            self.process.restart(env, **config)
            self._starts += 1

    def stop(self) -> None:
        self.process.stop()

    def close(self) -> None:
        self._front.close()
        self.process.close()
