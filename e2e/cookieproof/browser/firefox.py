"""The engine Firefox."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cookieproof.browser.cookies_on_disk import read
from cookieproof.browser.engine import Engine, Restoring, tab_behind
from cookieproof.browser.switched_off.firefox import FIREFOX as BY_PLAYWRIGHT
from cookieproof.cookies import dates
from cookieproof.cookies.stored_cookie import StoredCookie


def on_disk(profile: Path) -> list[StoredCookie]:
    """Return the cookies in a closed profile."""
    # Milliseconds since 1970; Firefox never writes down a cookie that ends with the browser.
    return read(
        profile / "cookies.sqlite",
        "SELECT name, host, path, expiry, isHttpOnly, isSecure, sameSite, originAttributes FROM moz_cookies",
        lambda expires: dates.later(dates.EPOCH, expires / 1000),
    )


def _proxy_options(port: int) -> Mapping[str, Any]:
    # By preferences: Playwright's proxy= excludes loopback names where WebDriver BiDi drives Firefox.
    return {
        "firefox_user_prefs": {
            "network.proxy.type": 1,
            **{f"network.proxy.{kind}": "127.0.0.1" for kind in ("http", "ssl")},
            **{f"network.proxy.{kind}_port": port for kind in ("http", "ssl")},
            "network.proxy.allow_hijacking_localhost": True,
            "network.proxy.no_proxies_on": "",
            # The default is 32 connections, event streams included, WebSockets not.
            "network.http.max-persistent-connections-per-proxy": 256,
        }
    }


_SYSTEM = {
    "Darwin": "Macintosh; Intel Mac OS X 10.15",
    "Windows": "Windows NT 10.0; Win64; x64",
}.get(platform.system(), "X11; Linux x86_64")

FIREFOX = Engine(
    name="firefox",
    title="Firefox",
    browser="firefox",
    executables=("firefox-esr", "firefox"),
    debian_package="firefox-esr",
    download=("firefox",),
    own_build={},
    # Driven by WebDriver BiDi, since it lacks the protocol that Playwright adds to its own build.
    system_build={"channel": "moz-firefox"},
    flags=(),
    switched_off=(),
    by_playwright=BY_PLAYWRIGHT,
    prefs={
        # Firefox's built-in extensions (picture in picture, form filling, fixes for single sites) start in each life:
        # a sixth of a life's cost. None has to do with cookies.
        "extensions.enabledScopes": 0,
        # Timers of background tabs fire in time, not once a second, as Playwright has it in Chromium, too.
        "dom.min_background_timeout_value": 4,
    },
    lock="lock",
    left_by_a_crash=("lock", ".parentlock"),
    user_agent=f"Mozilla/5.0 ({_SYSTEM}; rv:{{0}}.0) Gecko/20100101 Firefox/{{0}}.0",
    on_disk=on_disk,
    crash_is_detectable=lambda profile: True,
    template=True,  # `make bench` says what it saves
    reports_requests_late=True,  # seen 0.1 s late, after the load event that it preceded
    loses_requests=False,  # it keeps no page that waits for an answer
    proxy_options=_proxy_options,
    background_tab=tab_behind,
    is_at_end_of_history=lambda page, step: False,  # unknown; Firefox then stays where it is
    restoring={
        # Cookies and pages are restored, but WebDriver BiDi does not report the pages.
        "setting": Restoring(launch_options={"firefox_user_prefs": {"browser.startup.page": 3}}, shows_pages=False)
    },
    one_thread_has_all_timers=True,  # xpcom/threads/TimerThread.cpp
    reports_partitions=False,  # storage.getCookies of WebDriver BiDi has no such field
    # security/manager/ssl/nsSiteSecurityService.cpp; no preference has it trust the run's own authority.
    no_hsts="it keeps none where the certificate was accepted as an exception, which ignore_https_errors makes",
    no_video="a Firefox that is not Playwright's own build is driven by WebDriver BiDi, which records none",
)
