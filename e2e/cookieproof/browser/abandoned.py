"""Cancels calls to Playwright that Ctrl-C interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Playwright


def end_abandoned_calls(playwright: Playwright) -> None:
    """Cancel the pending answers of interrupted calls, before this Playwright is stopped.

    Playwright's event loop runs only while a call waits, so a call that was interrupted last never notices its own
    end. As it stops, Playwright would set an error on each pending answer that nobody reads, and asyncio would print
    "Future exception was never retrieved"; it leaves cancelled ones alone (``Connection.cleanup``).
    """
    for callback in playwright._impl_obj._connection._callbacks.values():
        callback.future.cancel()
