"""Defines what the harness must know about an engine: binary, channel, flags and quirks.

To add one, write a file with an ``Engine`` and name it in ``engines.ENGINES``.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import psutil

from cookieproof.browser.switched_off import switched_off
from cookieproof.browser.switched_off.switched_off import SwitchedOff
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.errors import CookieproofError, Unsupported

if TYPE_CHECKING:
    from playwright.sync_api import Page

__tracebackhide__ = True  # a failure points at the line of the test


@dataclass(frozen=True)
class Restoring:
    """A way to make a browser restore its last session: preferences in a new profile, or launch options."""

    # Chromium's ``Default/Preferences``.
    preferences: Mapping[str, Any] = field(default_factory=dict)
    launch_options: Mapping[str, Any] = field(default_factory=dict)
    # Whether Playwright reports the restored pages.
    shows_pages: bool = True

    def prepare(self, profile: Path) -> None:
        """Write the preferences into a profile in which no browser runs."""
        if self.preferences:
            file = profile / "Default" / "Preferences"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(self.preferences))


class SharedWorkers(Protocol):
    """The shared workers of a browser, whose requests are followed from the beginning of this object on."""

    def run(self, script: str, seconds: float) -> None:
        """Run a script in each, and return when its promise is settled and what was asked for since is answered.

        Raises ``DeadlineExceeded`` for a worker that takes longer than ``seconds``.
        """

    def end(self) -> None:
        """Follow nothing any more; the browser may have ended."""


@dataclass(frozen=True)
class Engine:
    """What the harness must know about one browser engine."""

    name: str
    # The name for people: "Chromium".
    title: str
    # The name of Playwright's BrowserType: "chromium", "firefox" or "webkit".
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
    # Chromium's features that are switched off besides those that Playwright switches off.
    switched_off: tuple[str, ...]
    # What Playwright switches off in this engine.
    by_playwright: tuple[SwitchedOff, ...]
    prefs: Mapping[str, str | float | bool]
    # A link in the profile whose target ends in the process id while the browser runs; empty if there is none.
    lock: str
    # Files that a crash leaves in the profile and that keep the browser from starting.
    left_by_a_crash: tuple[str, ...]
    # Has {0} for the major version; empty if the browser must be asked for the user agent.
    user_agent: str
    # Returns the cookies of a closed profile; None if the format is unknown.
    on_disk: Callable[[Path], list[StoredCookie]] | None
    # Whether the profile already records that the browser runs, so that the next start would notice a crash.
    crash_is_detectable: Callable[[Path], bool]
    # Whether a start on a copy of a used profile is faster than on a new one, copying included.
    template: bool
    # Whether Playwright may report a request only after events that came later.
    reports_requests_late: bool
    # Whether Playwright never reports the end of requests of a page that went into the back/forward cache.
    loses_requests: bool
    # Returns launch options that send all requests to the HTTP proxy at this loopback port.
    proxy_options: Callable[[int], Mapping[str, Any]]
    # Opens a tab on a URL in the background of the given page, and returns the tab.
    background_tab: Callable[[Page, str], Page]
    # Whether a page's history is known to have no visited entry one step back (-1) or forward (1).
    is_at_end_of_history: Callable[[Page, int], bool]
    # The ways to restore the last session, as a person does: "setting" in the preferences, "flag" at the start.
    restoring: Mapping[str, Restoring] = field(default_factory=dict)
    # Whether the browser ends with its last window, if it has windows.
    ends_with_its_last_window: bool = False
    # The flag to accept a certificate, with {} for the SPKI hash; empty if a context option is used instead.
    certificate_flag: str = ""
    # The flag for the user agent ({}): restored pages send requests before Playwright's option takes effect.
    user_agent_flag: str = ""
    # Why a restart proves nothing about people's browsers; empty for a full browser.
    no_restart: str = ""
    # Whether the browser can show a window.
    has_window: bool = True
    # Returns the path of Playwright's own build, given the ``executable_path`` of its BrowserType.
    own_build_path: Callable[[Path], Path] = lambda path: path
    # Whether Playwright is told in which partition a cookie is.
    reports_partitions: bool = True
    # Why timers of open pages cannot run during a move of the clock; empty if they can.
    no_awake: str = ""
    # Whether one thread fires the timers of all pages and workers of a process. While it waits for a timer, it does not
    # notice that the clock moved, and so must never sleep long. If False, each thread has to be woken.
    one_thread_has_all_timers: bool = False
    # Returns the shared workers of this page's browser; None if they need not be woken.
    shared_workers: Callable[[Page], SharedWorkers] | None = None
    # Makes a tab bypass service workers; None if the engine cannot, so that they may answer the harness's tabs.
    bypass_service_workers: Callable[[Page], None] | None = None
    # Empties the HTTP cache of a page's browser, and removes all that these origins keep; None if the engine cannot.
    forget: Callable[[Page, Iterable[str]], None] | None = None
    # Why the engine ignores Strict-Transport-Security here; empty if it obeys.
    no_hsts: str = ""
    # Why 40 WebSockets are not open at once here; empty if they are.
    few_web_sockets: str = ""
    # Why the system's build records no video; empty if it does.
    no_video: str = ""

    def chosen_by(self, channel: str | None) -> bool:
        """Return whether ``find`` chooses the binary for this channel; False if Playwright does."""
        return channel in (None, self.name, self.own_build.get("channel"), self.system_build.get("channel"))

    def start_flags(self) -> list[str]:
        """Return the flags for a start, with one ``--disable-features`` for all features that are switched off."""
        theirs = [each for each in switched_off.features() if each not in self._on] if self.switched_off else []
        if not theirs:
            return [*self.flags]
        # Of several --disable-features only the last counts, so it names Playwright's too.
        return [*self.flags, f"--disable-features={','.join([*theirs, *self.switched_off])}"]

    def left_out_flags(self) -> list[str]:
        """Return those of Playwright's flags that are left out, so that the browser is like people's browsers."""
        return [each for each in self._on if each.startswith("--")]

    @property
    def _on(self) -> list[str]:
        return [name for each in self.by_playwright if each.on for name in each.names]

    def restoring_by(self, way: bool | str) -> Restoring | None:
        """Return the ``Restoring`` of ``new_visitor(restores_session=way)``; None for False. True means "setting".

        Raises ``CookieproofError`` for another value, ``Unsupported`` if this engine does not have the way.
        """
        if way not in (False, True, "setting", "flag"):
            raise CookieproofError(f'A session is not restored by "{way}": choose True, "setting" or "flag".')
        way = "setting" if way is True else way
        if way and way not in self.restoring:
            raise Unsupported(f"{self.title} has no {way} for restoring the last session")
        return self.restoring[way] if way else None

    def own_executable(self, executable_path: str) -> Path:
        """Return the path of Playwright's own build, given the ``executable_path`` of its BrowserType."""
        return self.own_build_path(Path(executable_path))

    def pid(self, profile: Path) -> int | None:
        """Return the id of the process that has the profile open; None if none has."""
        try:
            if self.lock:
                pids = [int(re.split(r"\D", os.readlink(profile / self.lock))[-1])]
            else:
                pids = [each.pid for each in sorted(psutil.process_iter(), key=lambda each: each.create_time())]
        except (OSError, psutil.Error):
            return None
        # After a crash the link stays, and its process id may now be another process's.
        return next((pid for pid in pids if _names(pid, profile)), None)


def _names(pid: int, profile: Path) -> bool:
    try:
        return str(profile) in " ".join(psutil.Process(pid).cmdline())
    except psutil.Error:
        return False


def playwright_proxy_options(port: int) -> Mapping[str, Any]:
    """Return Playwright's launch option for an HTTP proxy at this loopback port."""
    # Playwright makes Chromium use the proxy for loopback names, too (by the flag <-loopback>).
    return {"proxy": {"server": f"http://127.0.0.1:{port}"}}


def tab_behind(page: Page, url: str) -> Page:
    """Open the URL in a new tab, bring ``page`` to the front again, and return the tab."""
    tab = page.context.new_page()
    tab.goto(url)
    page.bring_to_front()
    return tab
