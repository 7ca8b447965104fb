"""The engines Chromium and its headless shell."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cookieproof.browser import pages
from cookieproof.browser.cookies_on_disk import read
from cookieproof.browser.engine import Engine, Restoring, playwright_proxy_options
from cookieproof.browser.shared_workers import ChromiumSharedWorkers
from cookieproof.browser.switched_off.chromium import CHROMIUM as BY_PLAYWRIGHT
from cookieproof.cookies import dates
from cookieproof.cookies.stored_cookie import StoredCookie

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHELL = "chromium-headless-shell"


def on_disk(profile: Path) -> list[StoredCookie]:
    """Return the cookies in a closed profile."""
    # Microseconds since 1601; 0 for a cookie that ends with the browser, which Chromium writes down too.
    start = datetime(1601, 1, 1, tzinfo=UTC)
    return read(
        profile / "Default" / "Cookies",
        "SELECT name, host_key, path, expires_utc, is_httponly, is_secure, samesite, top_frame_site_key FROM cookies",
        lambda expires: dates.later(start, expires / 1_000_000) if expires else None,
    )


def _background_tab(page: Page, url: str) -> Page:
    # A tab in the foreground would slow the visitor's page to a frame a second, and delay each click by 2 s.
    assert page.context.browser
    session = page.context.browser.new_browser_cdp_session()  # the page's own waits for ever if the page has crashed
    with page.context.expect_page() as opened:
        session.send("Target.createTarget", {"url": url, "background": True})
    session.detach()
    # Not for the load event, which Playwright misses now and then on a busy machine (2 of 100 tabs opened on a URL).
    opened.value.wait_for_url(pages.http_or_https(url), wait_until="commit")
    return opened.value


def _is_at_the_end(page: Page, step: int) -> bool:
    session = page.context.new_cdp_session(page)
    history = session.send("Page.getNavigationHistory")
    session.detach()
    place, entries = history["currentIndex"] + step, history["entries"]
    # The first entry of a tab is the blank page that it was opened with.
    return not 0 <= place < len(entries) or (place == 0 and entries[0]["url"] == "about:blank")


def _bypass_service_workers(page: Page) -> None:
    session = page.context.new_cdp_session(page)  # it ends with the tab
    session.send("Network.enable")
    session.send("Network.setBypassServiceWorker", {"bypass": True})


def _forget(page: Page, origins: Iterable[str]) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Network.clearBrowserCache")
    for each in origins:
        session.send("Storage.clearDataForOrigin", {"origin": each, "storageTypes": "all"})
    session.detach()


def _crash_is_detectable(profile: Path) -> bool:
    # Chromium's preferences go to disk 10 s after they changed (chrome/browser/sessions/exit_type_service.cc).
    preferences = profile / "Default" / "Preferences"
    return preferences.exists() and '"exit_type":"Crashed"' in preferences.read_text()


def _beside_the_full_build(path: Path) -> Path:
    # Playwright knows only the path of the full build.
    for folder in path.parents:
        if folder.name.startswith("chromium-"):
            shells = folder.with_name(folder.name.replace("chromium-", "chromium_headless_shell-"))
            return next(shells.glob("*/*headless*shell*"), shells / SHELL)
    return path.with_name(SHELL)


_CHROME_SYSTEM = {
    "Darwin": "Macintosh; Intel Mac OS X 10_15_7",
    "Windows": "Windows NT 10.0; Win64; x64",
}.get(platform.system(), "X11; Linux x86_64")

CHROMIUM = Engine(
    name="chromium",
    title="Chromium",
    browser="chromium",
    executables=("chromium", "chromium-browser", "google-chrome-stable", "google-chrome"),
    debian_package="chromium",
    download=("--no-shell", "chromium"),
    # Without the channel, headless=True starts the headless shell, which never writes session cookies to disk.
    own_build={"channel": "chromium"},
    system_build={},
    # Chromium reloads a page that could not be loaded later by itself, which would count as a visit.
    flags=("--disable-auto-reload",),
    # The address bar's suggestions are two pages, which load in each new window: a third of what a short check costs.
    switched_off=("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
    by_playwright=BY_PLAYWRIGHT,
    prefs={},
    lock="SingletonLock",
    left_by_a_crash=("SingletonLock", "SingletonCookie", "SingletonSocket"),
    # Chromium's user agent names only the major version ("user agent reduction").
    user_agent=(
        f"Mozilla/5.0 ({_CHROME_SYSTEM}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{{0}}.0.0.0 Safari/537.36"
    ),
    on_disk=on_disk,
    crash_is_detectable=_crash_is_detectable,
    template=False,
    reports_requests_late=False,
    loses_requests=True,
    proxy_options=playwright_proxy_options,
    background_tab=_background_tab,
    shared_workers=ChromiumSharedWorkers,
    is_at_end_of_history=_is_at_the_end,
    bypass_service_workers=_bypass_service_workers,
    forget=_forget,
    restoring={
        # components/sessions: SessionStartupPref, 1 is "continue where you left off"
        "setting": Restoring(preferences={"session": {"restore_on_startup": 1}}),
        # What Chromium passes itself when it starts again after an update
        "flag": Restoring(launch_options={"args": ["--restore-last-session"]}),
    },
    ends_with_its_last_window=True,
    few_web_sockets="it opens about 32 sockets for each proxy (net/socket/client_socket_pool_manager.cc)",
    certificate_flag="--ignore-certificate-errors-spki-list={}",
    user_agent_flag="--user-agent={}",
)
HEADLESS_SHELL = replace(
    CHROMIUM,
    name=SHELL,
    title="Chromium's headless shell",
    executables=(SHELL, "chrome-headless-shell"),
    debian_package=SHELL,
    download=("--only-shell", "chromium"),
    own_build={"channel": SHELL},
    # https://developer.chrome.com/blog/chrome-headless-shell: "the old headless", which is no whole browser
    no_restart="it never writes session cookies to disk, as the browsers of people do",
    restoring={},
    has_window=False,  # it is built without what draws one
    own_build_path=_beside_the_full_build,
)
