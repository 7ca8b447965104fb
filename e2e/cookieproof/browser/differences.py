"""Declares what engines do differently, beyond ``Set-Cookie``. Tests assert each value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cookieproof.browser.chromium import SHELL


@dataclass(frozen=True)
class Difference:
    """One thing that engines do differently: ``values`` has what each does, by the engine's name."""

    about: str
    source: str
    values: Mapping[str, Any]


DIFFERENCES = {
    "lax_allowing_unsafe": Difference(
        "how long a cookie without SameSite goes with a cross-site POST; None: as long as it lives",
        "RFC 6265bis, 5.6.7.2; Mozilla paused Lax by default: simonwillison.net/2024/Aug/26/frederik-braun",
        {"chromium": timedelta(minutes=2), SHELL: timedelta(minutes=2), "firefox": None},
    ),
    "session_cookies_on_disk": Difference(
        "whether a session cookie is in the closed profile, marked to be deleted at the next start",
        "Chromium: net/extras/sqlite/sqlite_persistent_cookie_store.cc, is_persistent; "
        "Firefox: netwerk/cookie/CookiePersistentStorage.cpp, which skips session cookies",
        {"chromium": True, "firefox": False},
    ),
    "restored_pages": Difference(
        "whether a browser that continues where it was left shows those pages to its driver",
        "Firefox restores its cookies; over WebDriver BiDi no page of the last session was ever seen (Firefox 153)",
        {"chromium": True, "firefox": False},
    ),
    "service_worker_outlives_idle_time": Difference(
        "whether a service worker lives on for as long as it does nothing, and so its timers fire",
        "a browser may end an idle one (Service Workers, 2.3): Firefox does after 30 s, Chromium none that is driven",
        {"chromium": True, SHELL: True, "firefox": False},
    ),
    "session_cookie_survives_a_crash": Difference(
        "whether a session cookie that had reached the disk is sent after the browser was killed",
        "Chromium keeps session cookies if it did not end properly (chrome/browser/profiles/profile_impl.cc); "
        "Playwright turns Firefox's crash recovery off (browser.sessionstore.resume_from_crash)",
        {"chromium": True, "firefox": False},
    ),
    "back_to_no_store": Difference(
        "where Back takes a page from that has Cache-Control: no-store, if no cookie has changed since",
        "developer.chrome.com/docs/web-platform/bfcache-ccns; Firefox: docshell/shistory, no-store keeps a page out",
        {"chromium": "memory", SHELL: "memory", "firefox": "site"},
    ),
    "pages_from_memory_are_told": Difference(
        "whether Playwright hears that a page came back from memory; if not, page.url, clicks and locators are wrong "
        "until the next goto, and visitor.back() returns what the page shows",
        "no event of WebDriver BiDi tells it (Firefox 153)",
        {"chromium": True, SHELL: True, "firefox": False},
    ),
    "priority_decides": Difference(
        "whether the attribute Priority decides which cookies of a site are forgotten that has too many",
        "Chromium: net/cookies/cookie_monster.cc, PurgeDeterminedByPriority; no draft of RFC 6265bis has it",
        {"chromium": True, SHELL: True, "firefox": False},
    ),
}
