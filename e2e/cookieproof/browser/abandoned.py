"""Cancels calls to Playwright that Ctrl-C interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Playwright


def end_abandoned_calls(playwright: Playwright) -> None:
    """Cancel the pending answers of interrupted calls, before this Playwright is stopped.

    Its event loop runs only while a call waits, so that one that is broken off last never takes in its end. As it
    stops, Playwright would give each of these an error that nobody reads, of which asyncio prints "Future exception
    was never retrieved"; what is cancelled it leaves alone (``Connection.cleanup``).
    """
    for callback in playwright._impl_obj._connection._callbacks.values():
        callback.future.cancel()
