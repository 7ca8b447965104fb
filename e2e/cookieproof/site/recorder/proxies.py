"""The proxies of one test's visitors."""

from __future__ import annotations

from cookieproof.site.recorder.hosts import ProxyClient
from cookieproof.site.recorder.recorder import ListeningPort, Recorder
from cookieproof.site.recorder.recording import Recording


class Proxies:
    """The proxies of one test's visitors, each at a port of its own."""

    def __init__(self, recorder: Recorder, recording: Recording) -> None:
        self._recorder, self._recording = recorder, recording
        self._ports: dict[int, tuple[ProxyClient, ListeningPort]] = {}

    def port(self, visitor: int, life: int) -> int:
        """Return the loopback port of this visitor's proxy, whose requests count for this life from now on."""
        if visitor not in self._ports:
            client = ProxyClient(visitor)
            self._ports[visitor] = (client, self._recorder.listen(self._recording, client))
        client, port = self._ports[visitor]
        client.begin(life)
        return port.port

    def close(self) -> None:
        """Close all proxies' ports and connections."""
        for _, port in self._ports.values():
            port.close()
        self._ports.clear()
