"""Which binary, which channel, which flags, which quirks: the only place that knows one browser from another."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from cookieproof.errors import CookieproofError

if TYPE_CHECKING:
    from playwright.sync_api import Page

__tracebackhide__ = True  # a failure points at the line of the test

INSTALL = 'Run "python -m cookieproof install", or name one with --browser-channel.'


@dataclass(frozen=True)
class StoredCookie:
    """A cookie as a browser holds it.

    ``value`` is None where it cannot be read (on disk Chromium encrypts it), ``expires`` an
    aware UTC datetime, None for a cookie that ends with the browser. ``domain`` starts with
    a dot unless the cookie is host-only. ``same_site`` is "Strict", "Lax" or "None"; what a
    site left out is reported as the browser reports it.
    """

    name: str
    value: str | None
    domain: str
    path: str
    expires: datetime | None
    http_only: bool
    secure: bool
    same_site: str

    def is_for(self, host: str) -> bool:
        """Whether the cookie belongs to this host (domain-match, RFC 6265bis section 5.1.3)."""
        return host == self.domain or (self.domain.startswith(".") and f".{host}".endswith(self.domain))

    def __str__(self) -> str:
        until = f"until {self.expires:%Y-%m-%d %H:%M:%S} UTC" if self.expires else "until the browser closes"
        value = "" if self.value is None else f"={self.value}"
        return f"{self.name}{value} for {self.domain}{self.path}, {until}"


@dataclass(frozen=True)
class Engine:
    """What the harness has to know about one browser engine."""

    name: str
    # Executables of an installed browser, the preferred one first.
    executables: tuple[str, ...]
    # What apt-get installs where Playwright's own build cannot be had.
    debian_package: str
    # Launch options for Playwright's own full build, and for one that the system installed.
    own_build: Mapping[str, Any]
    system_build: Mapping[str, Any]
    flags: tuple[str, ...]
    prefs: Mapping[str, str | float | bool]
    # A link in the profile whose target ends in the process id while the browser runs.
    lock: str
    # What a crash leaves in the profile and the next start would stumble over.
    left_by_a_crash: tuple[str, ...]
    user_agent: str
    on_disk: Callable[[Path], list[StoredCookie]]
    # Opens a tab on a URL behind the given page.
    background_tab: Callable[[Page, str], Page]
    # How long a cookie without SameSite goes with a cross-site POST; None for as long as it lives.
    lax_allowing_unsafe: timedelta | None

    def pid(self, profile: Path) -> int | None:
        """The process that has the profile open, None if none has."""
        try:
            pid = int(re.split(r"\D", os.readlink(profile / self.lock))[-1])
            # After a crash the link stays, and the number may have gone to somebody else's process.
            return pid if str(profile) in " ".join(psutil.Process(pid).cmdline()) else None
        except (OSError, psutil.Error):
            return None


def _read(database: Path, query: str, moment: Callable[[int], datetime | None]) -> list[StoredCookie]:
    """The cookies that the query finds: name, host, path, expiry, HttpOnly, Secure, SameSite."""
    if not database.exists():
        return []
    # In a copy, since reading a database that a crash left half-written would mend it.
    with tempfile.TemporaryDirectory() as folder:
        for file in database.parent.glob(f"{database.name}*"):
            shutil.copy(file, folder)
        connection = sqlite3.connect(Path(folder) / database.name)
        try:
            rows = connection.execute(query).fetchall()
        finally:
            connection.close()
    return [
        StoredCookie(
            name=name,
            value=None,
            domain=host,
            path=path,
            expires=moment(expires),
            http_only=bool(http_only),
            secure=bool(secure),
            same_site={0: "None", 2: "Strict"}.get(same_site, "Lax"),
        )
        for name, host, path, expires, http_only, secure, same_site in rows
    ]


def _chromium_on_disk(profile: Path) -> list[StoredCookie]:
    # Microseconds since 1601; 0 for a cookie that ends with the browser, which Chromium writes down too.
    start = datetime(1601, 1, 1, tzinfo=UTC)
    return _read(
        profile / "Default" / "Cookies",
        "SELECT name, host_key, path, expires_utc, is_httponly, is_secure, samesite FROM cookies",
        lambda expires: start + timedelta(microseconds=expires) if expires else None,
    )


def _firefox_on_disk(profile: Path) -> list[StoredCookie]:
    # Milliseconds since 1970; Firefox never writes down a cookie that ends with the browser.
    return _read(
        profile / "cookies.sqlite",
        "SELECT name, host, path, expiry, isHttpOnly, isSecure, sameSite FROM moz_cookies",
        lambda expires: datetime.fromtimestamp(expires / 1000, UTC),
    )


def _chromium_background_tab(page: Page, url: str) -> Page:
    # A tab in front would slow the visitor's page down to a frame a second, and each click on it by 2 s.
    session = page.context.new_cdp_session(page)
    with page.context.expect_page() as opened:
        session.send("Target.createTarget", {"url": url, "background": True})
    session.detach()
    opened.value.wait_for_url(url)
    return opened.value


def _firefox_background_tab(page: Page, url: str) -> Page:
    tab = page.context.new_page()
    tab.goto(url)
    page.bring_to_front()
    return tab


_CHROME_SYSTEM = {
    "Darwin": "Macintosh; Intel Mac OS X 10_15_7",
    "Windows": "Windows NT 10.0; Win64; x64",
}.get(platform.system(), "X11; Linux x86_64")

CHROMIUM = Engine(
    name="chromium",
    executables=("chromium", "chromium-browser", "google-chrome-stable", "google-chrome"),
    debian_package="chromium",
    # Without the channel, headless=True starts the headless shell, which never writes session cookies to disk.
    own_build={"channel": "chromium"},
    system_build={},
    flags=("--host-resolver-rules=MAP *.test 127.0.0.1",),
    prefs={},
    lock="SingletonLock",
    left_by_a_crash=("SingletonLock", "SingletonCookie", "SingletonSocket"),
    # Chromium's user agent names the major version alone ("user agent reduction").
    user_agent=(
        f"Mozilla/5.0 ({_CHROME_SYSTEM}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{{0}}.0.0.0 Safari/537.36"
    ),
    on_disk=_chromium_on_disk,
    background_tab=_chromium_background_tab,
    lax_allowing_unsafe=timedelta(minutes=2),  # RFC 6265bis, "Lax-Allowing-Unsafe" enforcement
)
_FIREFOX_SYSTEM = {
    "Darwin": "Macintosh; Intel Mac OS X 10.15",
    "Windows": "Windows NT 10.0; Win64; x64",
}.get(platform.system(), "X11; Linux x86_64")

FIREFOX = Engine(
    name="firefox",
    executables=("firefox-esr", "firefox"),
    debian_package="firefox-esr",
    own_build={},
    # Driven by WebDriver BiDi, since it lacks the protocol that Playwright adds to its own build.
    system_build={"channel": "moz-firefox"},
    flags=(),
    prefs={"network.dns.localDomains": "shop.test,evil.test"},  # as Chromium's --host-resolver-rules
    lock="lock",
    left_by_a_crash=("lock", ".parentlock"),
    user_agent=f"Mozilla/5.0 ({_FIREFOX_SYSTEM}; rv:{{0}}.0) Gecko/20100101 Firefox/{{0}}.0",
    on_disk=_firefox_on_disk,
    background_tab=_firefox_background_tab,
    lax_allowing_unsafe=None,  # no Lax by default: network.cookie.sameSite.laxByDefault is off
)
ENGINES = {engine.name: engine for engine in (CHROMIUM, FIREFOX)}


def find(engine: Engine, own_build: str) -> dict[str, Any]:
    """The launch options that choose a browser: Playwright's own build if installed, else the system's.

    ``own_build`` is where Playwright would install its own. Raises ``CookieproofError``
    when there is none, or only a snap.
    """
    if Path(own_build).exists():
        return dict(engine.own_build)
    snap = None
    for name in engine.executables:
        path = shutil.which(name)
        if path and not _is_snap(Path(path)):
            return {**engine.system_build, "executable_path": path}
        snap = snap or path
    if snap:
        raise CookieproofError(
            f"{snap} is a snap, which can neither use a profile of ours nor share our clock. {INSTALL}"
        )
    raise CookieproofError(f"There is no {engine.name.title()} here. {INSTALL}")


def _is_snap(path: Path) -> bool:
    resolved = path.resolve()
    if "snap" in resolved.parts:  # /snap/…, or /usr/bin/snap, which runs them all
        return True
    with resolved.open("rb") as file:  # Ubuntu's chromium-browser is a script that runs the snap
        head = file.read(4096)
    return head.startswith(b"#!") and b"/snap/bin/" in head
