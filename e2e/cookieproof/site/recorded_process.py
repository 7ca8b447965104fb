"""A site's process group and the recorder before it: kept for the whole run, at one port."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

from cookieproof.site.app_process import NOTICED_SECONDS
from cookieproof.site.command_process import CommandProcess
from cookieproof.site.recorder.recorder import Front, Recorder
from cookieproof.site.recorder.recording import Asker, Hosts, Recording
from cookieproof.site.recorder.upstream import Address

# The names that lead to this machine or to nowhere (RFC 6761): no browser asks anybody else for them.
OWN_NAMES = ("localhost", "*.localhost", "127.0.0.1", "*.test")


class RecordedProcess:
    """The process may listen at another port after each restart: browsers know the recorder's, ``port``."""

    forwarded = True

    def __init__(self, process: CommandProcess, recorder: Recorder, named: tuple[str, ...]) -> None:
        """``named`` are further hosts of the site, which are had at 80 and 443."""
        self._process, self._recorder, self.named = process, recorder, named
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = listener.getsockname()[1]
        self.recording = recorder.record(self, Hosts((*OWN_NAMES, *named), (80, 443, self.port)))
        self._front = recorder.listen(self.recording, listener=listener)
        self._starts = 0

    @property
    def log_file(self) -> Path:
        return self._process.log_file

    def address(self, scheme: str, host: str, port: int) -> Address:
        there, at = self._process.address
        return Address(there, at, start=self._starts)

    def why_silent(self) -> str:
        return self._process.death(NOTICED_SECONDS)

    def death(self) -> str:
        return self._process.death()

    def off_the_clock(self) -> list[str]:
        return self._process.off_the_clock()

    def ensure_plain(self) -> None:
        with self._recorder.held(self.recording):
            self._process.ensure_plain()
            self._starts += 1

    def restart(self, env: Mapping[str, str] | None) -> None:
        """Have requests wait until it has started again; connections to the process that ends are not used again."""
        with self._recorder.held(self.recording):
            self._process.restart(env)
            self._starts += 1

    def proxies(self) -> Proxies:
        return Proxies(self._recorder, self.recording)

    def stop(self) -> None:
        self._process.stop()

    def close(self) -> None:
        self._front.close()
        self._process.close()


class Proxies:
    """The proxies of one test's visitors, each at a port of its own."""

    def __init__(self, recorder: Recorder, recording: Recording) -> None:
        self._recorder, self._recording = recorder, recording
        self._fronts: dict[int, tuple[Asker, Front]] = {}

    def port(self, visitor: int, life: int) -> int:
        """Where the visitor's browser finds its proxy, which knows it for this life from now on."""
        if visitor not in self._fronts:
            asker = Asker(visitor)
            self._fronts[visitor] = (asker, self._recorder.listen(self._recording, asker))
        asker, front = self._fronts[visitor]
        asker.begin(life)
        return front.port

    def close(self) -> None:
        """Close the ports, with every connection that is open."""
        for _, front in self._fronts.values():
            front.close()
        self._fronts.clear()
