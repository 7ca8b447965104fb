"""Puts the recorder in front of a site's process, at one port for the whole run."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from cookieproof.site.recorder.hosts import Hosts
from cookieproof.site.recorder.recorder import Recorder
from cookieproof.site.recorder.upstream import Address
from cookieproof.site.site_process import SiteProcess

# Names that lead to this machine or to nowhere (RFC 6761): browsers ask no DNS server for them.
OWN_NAMES = ("localhost", "*.localhost", "127.0.0.1", "*.test")
NOTICED_SECONDS = 1.0  # a process that has broken a connection by its end is known to have ended
P = TypeVar("P", bound=SiteProcess)


class RecordedProcess(Generic[P]):
    """A site's process behind the recorder. Browsers know the recorder's ``port``; the process's may change."""

    forwarded = True  # it gets the X-Forwarded-* headers of a site behind nginx

    def __init__(
        self,
        process: P,
        recorder: Recorder,
        named: tuple[str, ...] = (),
        allowed: Sequence[str] = (),
        other: str = "",
    ) -> None:
        """Record ``process`` by ``recorder``; ``named`` are further hosts of the site, at ports 80 and 443.

        ``allowed`` are hosts of others that browsers may reach. ``other`` is the host of a further site: the names of
        this machine then belong to the first site at ports 80 and 443.
        """
        self.process, self.recorder, self.named, self.other = process, recorder, named, other
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = listener.getsockname()[1]
        hosts = Hosts((*OWN_NAMES, *named), (self.port,), tuple(allowed), named if other else (*OWN_NAMES, *named))
        self.recording = recorder.record(self, hosts)
        self._listening_port = recorder.listen(self.recording, listener=listener)
        self._starts = 0

    @property
    def log_file(self) -> Path:
        return self.process.log_file

    def address(self, scheme: str, host: str, port: int) -> Address:
        there, at = self.process.address
        return Address(there, at, start=self._starts)

    def why_unreachable(self) -> str:
        return self.death(NOTICED_SECONDS)

    def death(self, within: float = 0) -> str:
        """Return how the process ended by itself, what it was answering, and its output; an empty text if it has not.

        ``within`` is for how many seconds to wait for its end: a broken connection is noticed before the end is.
        """
        if not self.process.death(within):
            return ""
        asked = self.recording.unanswered()
        return self.process.death(0, f" while it answered {' and '.join(asked)}" if asked else "")

    def off_the_clock(self) -> list[str]:
        return self.process.off_the_clock()

    def beyond_loopback(self) -> list[str]:
        return self.process.beyond_loopback()

    def ensure_as_configured(self) -> None:
        with self.recorder.requests_held(self.recording):
            self.process.ensure_as_configured()
            self._starts += 1

    def restart(self, env: Mapping[str, str] | None, **config: Any) -> None:
        """Restart the process while requests wait; connections to the old process are not used again."""
        with self.recorder.requests_held(self.recording):
            self.process.restart(env, **config)
            self._starts += 1

    def stop(self) -> None:
        self.process.stop()

    def close(self) -> None:
        self._listening_port.close()
        self.process.close()
