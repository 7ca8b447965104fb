"""Defines what the harness has to know about an engine: its binary, channel, flags and quirks.

To add one, write a file with an ``Engine`` and name it in ``engines.ENGINES``.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    """One way to have a browser restore its last session: preferences in a new profile, or launch options."""

    # Chromium's ``Default/Preferences``.
    preferences: Mapping[str, Any] = field(default_factory=dict)
    launch_options: Mapping[str, Any] = field(default_factory=dict)
    # Whether Playwright shows the restored pages.
    shows_pages: bool = True

    def prepare(self, profile: Path) -> None:
        """Write the preferences into a profile in which no browser runs."""
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
    # Chromium's features that are switched off besides those that Playwright switches off.
    switched_off: tuple[str, ...]
    # What Playwright switches off in it.
    by_playwright: tuple[SwitchedOff, ...]
    prefs: Mapping[str, str | float | bool]
    # A link in the profile whose target ends in the process id while the browser runs; empty if there is none.
    lock: str
    # Files that a crash leaves in the profile and that keep the browser from starting.
    left_by_a_crash: tuple[str, ...]
    # With a place for the major version; empty for one that the browser must be asked for.
    user_agent: str
    # Reads the cookies of a closed profile; None where nobody knows how.
    on_disk: Callable[[Path], list[StoredCookie]] | None
    # Whether the next start would notice that the browser was killed now: it writes down that it runs, some time.
    crash_is_detectable: Callable[[Path], bool]
    # Whether a start on a copy of a profile that was started once is worth the copying.
    template: bool
    # Whether Playwright may report a request only after events that came later.
    tells_late_of_requests: bool
    # Whether Playwright reports no end of the requests of a page that went into the back/forward cache.
    keeps_requests_to_itself: bool
    # Launch options with which all its requests go to the HTTP proxy at this loopback port.
    proxied: Callable[[int], Mapping[str, Any]]
    # Opens a tab on a URL behind the given page.
    background_tab: Callable[[Page, str], Page]
    # Whether a page's history is known to have nothing that a person visited one step back (-1) or forward (1).
    is_at_the_end: Callable[[Page, int], bool]
    # The ways in which a person has it continue where they left off: "setting" in its preferences, "flag" at its start.
    restoring: Mapping[str, Restoring] = field(default_factory=dict)
    # Whether it ends with its last window, if it has windows.
    ends_with_its_last_window: bool = False
    # The flag that has it accept a certificate, with a place for the SPKI hash; empty where a context option must do.
    certificate_flag: str = ""
    # The flag that sets its user agent, with a place for it: what it restores asks before Playwright's option holds.
    user_agent_flag: str = ""
    # Why closing and opening it proves nothing about people's browsers; empty for a whole browser.
    no_restart: str = ""
    # Whether a person can watch it in a window of its own.
    has_window: bool = True
    # Where Playwright's own build lies, given the ``executable_path`` of its BrowserType.
    own_build_lies: Callable[[Path], Path] = lambda path: path
    # Whether it reports to Playwright in which partition a cookie is.
    tells_partitions: bool = True
    # Why its open pages cannot live through a move of the clock; empty if they can.
    never_awake: str = ""
    # Whether the timers of all pages and workers of a process fire by one thread. It does not look at the clock for one
    # that is due later than what it waits for, and so must never sleep long. Else each thread has to be woken.
    one_thread_has_all_timers: bool = False
    # Runs a script in each shared worker and waits for what it promises, for so many seconds; None where need not be.
    run_in_shared_workers: Callable[[Page, str, float], None] | None = None
    # Has a tab do without service workers; None where they may answer for the harness's own tabs on a site's origin.
    bypass_service_workers: Callable[[Page], None] | None = None
    # Empties the HTTP cache of a page's browser; None where that cannot be asked for.
    clear_http_cache: Callable[[Page], None] | None = None
    # Why it keeps no Strict-Transport-Security here; empty if it does.
    no_hsts: str = ""
    # Why 40 WebSockets are not open at once here; empty if they are.
    few_web_sockets: str = ""
    # Why the system's build records no video; empty if it does.
    no_video: str = ""

    def chosen_by(self, channel: str | None) -> bool:
        """Return whether the binary for this channel is chosen by ``find``, and not by Playwright."""
        return channel in (None, self.name, self.own_build.get("channel"), self.system_build.get("channel"))

    def start_flags(self) -> list[str]:
        """Return the flags for a start, with one ``--disable-features`` for all features that are switched off."""
        theirs = [each for each in switched_off.features() if each not in self._on] if self.switched_off else []
        if not theirs:
            return [*self.flags]
        # Of several --disable-features only the last counts, so it names Playwright's too.
        return [*self.flags, f"--disable-features={','.join([*theirs, *self.switched_off])}"]

    def left_out_flags(self) -> list[str]:
        """Return those of Playwright's flags that are left out, so that the browser is as people's is."""
        return [each for each in self._on if each.startswith("--")]

    @property
    def _on(self) -> list[str]:
        return [name for each in self.by_playwright if each.on for name in each.names]

    def restoring_by(self, way: bool | str) -> Restoring | None:
        """Return what ``new_visitor(restores_session=way)`` asks for; None for False. True means "setting".

        Raises ``CookieproofError`` for another value, ``Unsupported`` for a way that this engine has not.
        """
        if way not in (False, True, "setting", "flag"):
            raise CookieproofError(f'A session is not restored by "{way}": choose True, "setting" or "flag".')
        way = "setting" if way is True else way
        if way and way not in self.restoring:
            raise Unsupported(f"{self.title} has no {way} for restoring the last session")
        return self.restoring[way] if way else None

    def own_executable(self, executable_path: str) -> Path:
        """Return where Playwright's own build lies, given the ``executable_path`` of its BrowserType."""
        return self.own_build_lies(Path(executable_path))

    def pid(self, profile: Path) -> int | None:
        """Return the id of the process that has the profile open, None if none has."""
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


def proxied_by_playwright(port: int) -> Mapping[str, Any]:
    """Return Playwright's own launch option for an HTTP proxy at this loopback port."""
    # Playwright has Chromium send loopback names there, too (its flag is <-loopback>).
    return {"proxy": {"server": f"http://127.0.0.1:{port}"}}


def tab_behind(page: Page, url: str) -> Page:
    """Open the URL in a new tab, bring ``page`` to the front again, and return the tab."""
    tab = page.context.new_page()
    tab.goto(url)
    page.bring_to_front()
    return tab
