"""The engine WebKit."""

from __future__ import annotations

from cookieproof.browser.engine import Engine, proxied_by_playwright, tab_behind

# Written from Playwright's documentation; where this was written it could not be downloaded, so it has never run.
WEBKIT = Engine(
    name="webkit",
    title="WebKit",
    browser="webkit",
    executables=(),
    debian_package="",
    download=("webkit",),
    own_build={},
    system_build={},
    flags=(),
    switched_off=(),
    by_playwright=(),
    prefs={},
    lock="",
    left_by_a_crash=(),
    user_agent="",
    on_disk=None,
    crash_is_detectable=lambda profile: True,
    template=False,
    tells_late_of_requests=True,  # to be on the safe side
    keeps_requests_to_itself=False,
    proxied=proxied_by_playwright,
    background_tab=tab_behind,
    never_awake="nobody has tried it yet",
    is_at_the_end=lambda page, step: False,
)
