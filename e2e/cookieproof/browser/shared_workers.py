"""Runs a script in a Chromium's shared workers, which Playwright does not show, and awaits what they ask for."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from cookieproof.errors import DeadlineExceeded, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.sync_api import CDPSession, Page

__tracebackhide__ = True  # a failure points at the line of the test

# A request that is not answered by then is a long poll.
REQUEST_SECONDS = 5.0
ENABLE, RUN = 1, 2
ENDS = ("Network.responseReceived", "Network.loadingFailed")


class ChromiumSharedWorkers:
    """The shared workers of a browser, by CDP. Their requests are followed from the beginning of this object on."""

    def __init__(self, page: Page) -> None:
        """Follow the requests of the shared workers there are in the browser of this page."""
        assert page.context.browser
        self._session: CDPSession | None = page.context.browser.new_browser_cdp_session()
        self._session.on("Target.receivedMessageFromTarget", self._hear)
        # Its target by the id of each session, and what has not ended by the ids of session and request.
        self._targets: dict[str, str] = {}
        self._open: set[tuple[str, str]] = set()
        self._answered: set[str] = set()
        self._follow(self._living())

    def run(self, script: str, seconds: float) -> None:
        """Run a script in each, and wait for its end and for the answers to what they have asked for meanwhile.

        Call it once; the requests are no longer followed afterwards. Raises ``DeadlineExceeded`` for a worker that
        does not end within ``seconds``. A request is waited for no longer than ``REQUEST_SECONDS``.
        """
        try:
            self._follow(self._living())  # others may have begun
            for worker in self._targets:
                self._send(worker, RUN, "Runtime.evaluate", {"expression": script, "awaitPromise": True})
            if self._targets:
                wait_until(self._have_run, "the shared workers to answer", seconds)
                # The site may not have heard of these yet, and a further step of the clock would come before them.
                with contextlib.suppress(DeadlineExceeded):
                    wait_until(self._are_served, "", REQUEST_SECONDS)
        finally:
            self.end()

    def end(self) -> None:
        """Follow nothing any more. The browser may have ended."""
        from playwright.sync_api import Error

        session, self._session = self._session, None
        if session:
            with contextlib.suppress(Error):
                session.detach()

    def _living(self) -> set[str]:
        """Return the ids of the targets there are; it is a round trip, during which Playwright dispatches events."""
        assert self._session
        found: Any = self._session.send("Target.getTargets", {"filter": [{"type": "shared_worker"}]})
        return {each["targetId"] for each in found["targetInfos"]}

    def _follow(self, targets: set[str]) -> None:
        from playwright.sync_api import Error

        assert self._session
        for target in targets - set(self._targets.values()):
            with contextlib.suppress(Error):  # it ends at this moment
                attached: Any = self._session.send("Target.attachToTarget", {"targetId": target, "flatten": False})
                self._targets[attached["sessionId"]] = target
                self._send(attached["sessionId"], ENABLE, "Network.enable", {})

    def _send(self, worker: str, number: int, method: str, params: Mapping[str, Any]) -> None:
        assert self._session
        message = json.dumps({"id": number, "method": method, "params": params})
        self._session.send("Target.sendMessageToTarget", {"sessionId": worker, "message": message})

    def _hear(self, event: dict[str, str]) -> None:
        worker, said = event["sessionId"], json.loads(event["message"])
        if said.get("id") == RUN:
            self._answered.add(worker)
        elif said.get("method") == "Network.requestWillBeSent":
            self._open.add((worker, said["params"]["requestId"]))
        elif said.get("method") in ENDS:
            self._open.discard((worker, said["params"]["requestId"]))

    def _have_run(self) -> bool:
        living = self._living()
        return all(worker in self._answered for worker, target in self._targets.items() if target in living)

    def _are_served(self) -> bool:
        living = self._living()
        return not any(self._targets[worker] in living for worker, _ in self._open)
