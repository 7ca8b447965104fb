"""The engine WebKit."""

from __future__ import annotations

from cookieproof.browser.engine import Engine, playwright_proxy_options, tab_behind

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
    reports_requests_late=True,  # to be on the safe side
    loses_requests=False,
    proxy_options=playwright_proxy_options,
    background_tab=tab_behind,
    no_awake="nobody has tried it yet",
    is_at_end_of_history=lambda page, step: False,
)
