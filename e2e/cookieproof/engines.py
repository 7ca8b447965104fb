"""Which binary, which channel, which flags, which quirks: the only place that knows one browser from another."""

from __future__ import annotations

import functools
import json
import os
import platform
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import playwright
import psutil
import pytest

from cookieproof import disk, pages
from cookieproof.disk import StoredCookie
from cookieproof.errors import CookieproofError

if TYPE_CHECKING:
    from playwright.sync_api import Page

__tracebackhide__ = True  # a failure points at the line of the test

INSTALL = 'Run "python -m cookieproof install{}", or name one with --browser-channel.'


@dataclass(frozen=True)
class Restoring:
    """How a browser comes to continue where it was left: what stands in its fresh profile, or how it is started."""

    # Chromium's ``Default/Preferences``.
    preferences: Mapping[str, Any] = field(default_factory=dict)
    launch_options: Mapping[str, Any] = field(default_factory=dict)
    # Whether the pages that were left are handed over as the visitor's.
    shows_pages: bool = True

    def prepare(self, profile: Path) -> None:
        """Write it into a profile in which no browser runs."""
        if self.preferences:
            file = profile / "Default" / "Preferences"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(self.preferences))


@dataclass(frozen=True)
class Engine:
    """What the harness has to know about one browser engine."""

    name: str
    # Its name for people.
    title: str
    # Playwright's BrowserType that drives it: "chromium", "firefox" or "webkit".
    browser: str
    # Executables of an installed browser, the preferred one first.
    executables: tuple[str, ...]
    # What apt-get installs where Playwright's own build cannot be had; empty if nothing does.
    debian_package: str
    # The arguments of `playwright install` that get Playwright's own build.
    download: tuple[str, ...]
    # Launch options for Playwright's own build, and for one that the system installed.
    own_build: Mapping[str, Any]
    system_build: Mapping[str, Any]
    flags: tuple[str, ...]
    # Chromium's features that are switched off beside those that Playwright switches off.
    switched_off: tuple[str, ...]
    prefs: Mapping[str, str | float | bool]
    # A link in the profile whose target ends in the process id while the browser runs; empty if there is none.
    lock: str
    # What a crash leaves in the profile and the next start would stumble over.
    left_by_a_crash: tuple[str, ...]
    # With a place for the major version; empty for one that the browser must be asked for.
    user_agent: str
    # Reads the cookies of a closed profile; None where nobody knows how.
    on_disk: Callable[[Path], list[StoredCookie]] | None
    # Whether the next start would notice that the browser was killed now: it writes down that it runs, some time.
    crash_would_show: Callable[[Path], bool]
    # Whether a start on a copy of a profile that was started once is worth the copying.
    template: bool
    # Whether Playwright may hear of a request only after it has heard of what came later.
    tells_late_of_requests: bool
    # Opens a tab on a URL behind the given page.
    background_tab: Callable[[Page, str], Page]
    # The ways in which a person has it continue where they left off: "setting" in its preferences, "flag" at its start.
    restoring: Mapping[str, Restoring] = field(default_factory=dict)
    # Whether it ends with its last window, if it has windows.
    ends_with_its_last_window: bool = False
    # The flag that has it accept a certificate, with a place for the SPKI hash; empty where a context option must do.
    certificate_flag: str = ""
    # Why closing and opening it proves nothing about people's browsers; empty for a whole browser.
    no_restart: str = ""
    # Whether Playwright hears from it in which partition a cookie is.
    tells_partitions: bool = True
    # Why the system's build records no video; empty if it does.
    no_video: str = ""

    def chosen_by(self, channel: str | None) -> bool:
        """Whether this channel leaves the choice of the binary to ``find``."""
        return channel in (None, self.name, self.own_build.get("channel"), self.system_build.get("channel"))

    def start_flags(self) -> list[str]:
        """What it is started with: its flags, and the features that are switched off."""
        theirs = _switched_off_by_playwright() if self.switched_off else []
        if not theirs:
            return [*self.flags]
        # Of several --disable-features the last counts alone, so it names Playwright's too.
        return [*self.flags, f"--disable-features={','.join([*theirs, *self.switched_off])}"]

    def restoring_by(self, way: bool | str) -> Restoring | None:
        """What ``new_visitor(restores_session=…)`` asks for: None for nothing, True for the setting."""
        if way not in (False, True, "setting", "flag"):
            raise CookieproofError(f'A session is not restored by "{way}": choose True, "setting" or "flag".')
        way = "setting" if way is True else way
        if way and way not in self.restoring:
            pytest.skip(f"{self.title} has no {way} for restoring the last session")
        return self.restoring[way] if way else None

    def own_executable(self, executable_path: str) -> Path:
        """Where Playwright's own build of it lies, given the ``executable_path`` of its BrowserType."""
        path = Path(executable_path)
        if self.own_build.get("channel") != SHELL:
            return path
        # The shell lies beside the full build, of which alone Playwright tells the path.
        for folder in path.parents:
            if folder.name.startswith("chromium-"):
                shells = folder.with_name(folder.name.replace("chromium-", "chromium_headless_shell-"))
                return next(shells.glob("*/*headless*shell*"), shells / SHELL)
        return path.with_name(SHELL)

    def pid(self, profile: Path) -> int | None:
        """The process that has the profile open, None if none has."""
        try:
            if self.lock:
                pids = [int(re.split(r"\D", os.readlink(profile / self.lock))[-1])]
            else:
                pids = [each.pid for each in sorted(psutil.process_iter(), key=lambda each: each.create_time())]
        except (OSError, psutil.Error):
            return None
        # After a crash the link stays, and the number may have gone to somebody else's process.
        return next((pid for pid in pids if _names(pid, profile)), None)


def _names(pid: int, profile: Path) -> bool:
    try:
        return str(profile) in " ".join(psutil.Process(pid).cmdline())
    except psutil.Error:
        return False


@functools.cache
def _switched_off_by_playwright() -> list[str]:
    # It tells them in its source alone (github.com/microsoft/playwright/issues/36658).
    source = Path(playwright.__file__).parent / "driver" / "package" / "lib" / "coreBundle.js"
    features = re.search(r"disabledFeatures = \[(.*?)\]", source.read_text("utf-8"), re.S) if source.exists() else None
    return re.findall(r'^ *"(\w+)"', features[1], re.M) if features else []


def _chromium_background_tab(page: Page, url: str) -> Page:
    # A tab in front would slow the visitor's page down to a frame a second, and each click on it by 2 s.
    assert page.context.browser
    session = page.context.browser.new_browser_cdp_session()  # the page's own waits for ever if the page has crashed
    with page.context.expect_page() as opened:
        session.send("Target.createTarget", {"url": url, "background": True})
    session.detach()
    # Not for its load: of a tab that opens on a URL, Playwright misses that now and then on a busy machine (2 in 100).
    opened.value.wait_for_url(pages.or_https(url), wait_until="commit")
    return opened.value


def _tab_behind(page: Page, url: str) -> Page:
    tab = page.context.new_page()
    tab.goto(url)
    page.bring_to_front()
    return tab


def _chromium_crash_would_show(profile: Path) -> bool:
    # Chromium's preferences go to disk 10 s after they changed (chrome/browser/sessions/exit_type_service.cc).
    preferences = profile / "Default" / "Preferences"
    return preferences.exists() and '"exit_type":"Crashed"' in preferences.read_text()


SHELL = "chromium-headless-shell"
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
    # A page that could not be loaded would load itself again some time, which is a visit that nobody makes.
    flags=("--host-resolver-rules=MAP *.test 127.0.0.1", "--disable-auto-reload"),
    # The address bar's suggestions are two pages, which load in each new window: a third of what a short check costs.
    switched_off=("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
    prefs={},
    lock="SingletonLock",
    left_by_a_crash=("SingletonLock", "SingletonCookie", "SingletonSocket"),
    # Chromium's user agent names the major version alone ("user agent reduction").
    user_agent=(
        f"Mozilla/5.0 ({_CHROME_SYSTEM}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{{0}}.0.0.0 Safari/537.36"
    ),
    on_disk=disk.chromium,
    crash_would_show=_chromium_crash_would_show,
    template=False,
    tells_late_of_requests=False,
    background_tab=_chromium_background_tab,
    restoring={
        # components/sessions: SessionStartupPref, 1 is "continue where you left off"
        "setting": Restoring(preferences={"session": {"restore_on_startup": 1}}),
        # What Chromium passes itself when it starts again after an update
        "flag": Restoring(launch_options={"args": ["--restore-last-session"]}),
    },
    ends_with_its_last_window=True,
    certificate_flag="--ignore-certificate-errors-spki-list={}",
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
)
_FIREFOX_SYSTEM = {
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
    prefs={
        "network.dns.localDomains": "shop.test,evil.test",  # as Chromium's --host-resolver-rules
        # The extensions that it brings (picture in picture, form filling, fixes for single sites) start in each life:
        # a sixth of what it costs. None has to do with cookies.
        "extensions.enabledScopes": 0,
    },
    lock="lock",
    left_by_a_crash=("lock", ".parentlock"),
    user_agent=f"Mozilla/5.0 ({_FIREFOX_SYSTEM}; rv:{{0}}.0) Gecko/20100101 Firefox/{{0}}.0",
    on_disk=disk.firefox,
    crash_would_show=lambda profile: True,
    template=True,  # `make bench` says what it saves
    tells_late_of_requests=True,  # seen 0.1 s late, after the load event that it preceded
    background_tab=_tab_behind,
    restoring={
        # Its cookies come back; its pages do too, but not to whom drives the browser over WebDriver BiDi.
        "setting": Restoring(launch_options={"firefox_user_prefs": {"browser.startup.page": 3}}, shows_pages=False)
    },
    tells_partitions=False,  # storage.getCookies of WebDriver BiDi has no such field
    no_video="a Firefox that is not Playwright's own build is driven by WebDriver BiDi, which records none",
)
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
    prefs={},
    lock="",
    left_by_a_crash=(),
    user_agent="",
    on_disk=None,
    crash_would_show=lambda profile: True,
    template=False,
    tells_late_of_requests=True,  # to be on the safe side
    background_tab=_tab_behind,
)
ENGINES = {engine.name: engine for engine in (CHROMIUM, HEADLESS_SHELL, FIREFOX, WEBKIT)}
BROWSERS = ("chromium", "firefox", "webkit")


def choose(browser: str, channel: str | None) -> Engine:
    """The engine for a Playwright browser name and a channel, None for the usual one."""
    engine = ENGINES.get(channel or browser, ENGINES[browser])
    return engine if engine.browser == browser else ENGINES[browser]


@dataclass(frozen=True)
class Difference:
    """What engines do differently, by the engine's name: a test asserts it, so that a change is noticed."""

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
    "session_cookie_survives_a_crash": Difference(
        "whether a session cookie that had reached the disk is sent after the browser was killed",
        "Chromium keeps session cookies if it did not end properly (chrome/browser/profiles/profile_impl.cc); "
        "Playwright turns Firefox's crash recovery off (browser.sessionstore.resume_from_crash)",
        {"chromium": True, "firefox": False},
    ),
}


def find(engine: Engine, executable_path: str) -> dict[str, Any]:
    """The launch options that choose a browser: Playwright's own build if installed, else the system's.

    ``executable_path`` is the one of Playwright's BrowserType. Raises ``CookieproofError``
    when there is none, or only a snap.
    """
    if engine.own_executable(executable_path).is_file():
        return dict(engine.own_build)
    snap = None
    for name in engine.executables:
        path = shutil.which(name)
        if path and not _is_snap(Path(path)):
            return {**engine.system_build, "executable_path": path}
        snap = snap or path
    install = INSTALL.format("" if engine == CHROMIUM else f" {engine.name}")
    if snap:
        raise CookieproofError(
            f"{snap} is a snap, which can neither use a profile of ours nor share our clock. {install}"
        )
    raise CookieproofError(f"{engine.title} is not here. {install}")


def why_no_video(engine: Engine, launch_options: Mapping[str, Any], executable_path: str) -> str:
    """Why a browser that is started with these options records no video; an empty text if it does."""
    if engine.no_video and "executable_path" in launch_options:
        return engine.no_video
    for folder in Path(executable_path).parents:
        if re.fullmatch(rf"{engine.browser}-\d+", folder.name) and not list(folder.parent.glob("ffmpeg-*/ffmpeg*")):
            return "Playwright's ffmpeg is not here (`python -m playwright install ffmpeg` gets it)"
    return ""


def _is_snap(path: Path) -> bool:
    resolved = path.resolve()
    if "snap" in resolved.parts:  # /snap/…, or /usr/bin/snap, which runs them all
        return True
    with resolved.open("rb") as file:  # Ubuntu's chromium-browser is a script that runs the snap
        head = file.read(4096)
    return head.startswith(b"#!") and b"/snap/bin/" in head
