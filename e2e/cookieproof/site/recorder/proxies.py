"""The proxies of one test's visitors."""

from __future__ import annotations

from cookieproof.site.recorder.hosts import ProxyClient
from cookieproof.site.recorder.recorder import Front, Recorder
from cookieproof.site.recorder.recording import Recording


class Proxies:
    """The proxies of one test's visitors, each at a port of its own."""

    def __init__(self, recorder: Recorder, recording: Recording) -> None:
        self._recorder, self._recording = recorder, recording
        self._fronts: dict[int, tuple[ProxyClient, Front]] = {}

    def port(self, visitor: int, life: int) -> int:
        """Return the loopback port of this visitor's proxy, which takes what comes from now on for this life's."""
        if visitor not in self._fronts:
            client = ProxyClient(visitor)
            self._fronts[visitor] = (client, self._recorder.listen(self._recording, client))
        client, front = self._fronts[visitor]
        client.begin(life)
        return front.port

    def close(self) -> None:
        """Close the ports, with every connection that is open."""
        for _, front in self._fronts.values():
            front.close()
        self._fronts.clear()
