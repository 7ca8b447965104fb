"""Ctrl-C waits until Playwright can take it"""

import signal
import sys
import threading
import time
from types import FrameType

import pytest

from cookieproof.plugin.interrupt import PLAYWRIGHT, Interrupts, _is_safe

CONNECTION = PLAYWRIGHT + "_impl/_connection.py"


def frame_of(code: str, filename: str) -> FrameType:
    """A frame that looks as if it were in that file."""
    found: dict[str, FrameType] = {}
    exec(compile(code, filename, "exec"), {"found": found, "sys": sys})
    return found["frame"]


@pytest.mark.parametrize(
    ("filename", "safe"),
    [
        (CONNECTION, False),
        ("/lib/asyncio/selectors.py", True),
        ("/home/ada/test_shop.py", True),
    ],
)
def test_it_is_safe_where_playwright_waits_or_is_not_at_work(filename: str, safe: bool) -> None:
    assert _is_safe(frame_of("found['frame'] = sys._getframe()", filename)) is safe


def test_an_interrupt_inside_playwright_comes_as_soon_as_it_has_ended() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupts = Interrupts()
    # A busy stretch of Playwright's code, as the handler sees it; the interrupt falls into its midst.
    busy = "import time\nend = time.monotonic() + 0.3\nwhile time.monotonic() < end: pass\nended.append(1)"
    ended: list[int] = []
    threading.Timer(0.1, signal.raise_signal, [signal.SIGINT]).start()
    try:
        with pytest.raises(KeyboardInterrupt):
            exec(compile(busy, CONNECTION, "exec"), {"ended": ended})
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline:
                pass
        assert ended == [1]
    finally:
        interrupts.close()
        signal.signal(signal.SIGINT, before)
