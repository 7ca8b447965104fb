"""Starts one engine on profiles, with one run's options."""

from __future__ import annotations

import functools
import inspect
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from cookieproof.browser.engine import Engine
from cookieproof.browser.engines import find, why_no_video
from cookieproof.browser.pages import ANSWER_SECONDS, evaluate
from cookieproof.browser.run_folder import once_a_run
from cookieproof.errors import CookieproofError, wait_until
from cookieproof.site.certificate import Certificate
from cookieproof.site.process_group import lives

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, BrowserType

START_SECONDS, END_SECONDS = 60.0, 15.0
__tracebackhide__ = True  # a failure points at the line of the test


def launch_args(
    engine: Engine, given: Mapping[str, Any], executable_path: str, certificate: Certificate
) -> dict[str, Any]:
    """Return options for ``BrowserType.launch``: those given, the choice of the binary, and what the harness needs.

    ``executable_path`` is that of Playwright's BrowserType.
    """
    args = dict(given)
    if engine.chosen_by(args.get("channel")) and "executable_path" not in args:
        args.pop("channel", None)
        args |= find(engine, executable_path)
    accepting = [engine.certificate_flag.format(certificate.spki)] if engine.certificate_flag else []
    prefs = {**engine.prefs, **args.get("firefox_user_prefs", {})}
    return {
        "handle_sigint": False,  # Ctrl-C reaches the browser too; it must live until it has been closed
        **args,
        "args": [*engine.start_flags(), *accepting, *args.get("args", [])],
        **({"firefox_user_prefs": prefs} if prefs else {}),
    }


def context_args(engine: Engine) -> dict[str, Any]:
    """Return the options for ``Browser.new_context`` that the harness needs."""
    return {} if engine.certificate_flag else {"ignore_https_errors": True}


class Launcher:
    """Starts one engine on profiles, with one run's options. ``on_start(name)`` is called at each start."""

    def __init__(
        self,
        engine: Engine,
        browser_type: BrowserType,
        launch_args: Mapping[str, Any],
        context_args: Mapping[str, Any],
        env: Mapping[str, str],
        on_start: Callable[[str], object],
        template: Path | None = None,
    ) -> None:
        """Keep the options of the run; raise ``CookieproofError`` for an option that no visitor can take.

        New profiles are copied from the one at ``template``, which the run's first worker makes; None copies none.
        ``env`` is added to the browser's environment.
        """
        self.engine, self._type, self._on_start = engine, browser_type, on_start
        # A device's default_browser_type is no option of a launch.
        self._context_args = {key: value for key, value in context_args.items() if key != "default_browser_type"}
        self._launch_args, self._template = launch_args, template
        self._env = {**(launch_args.get("env") or os.environ), **env}
        known = inspect.signature(browser_type.launch_persistent_context).parameters
        if "proxy" in {*launch_args, *self._context_args}:
            raise CookieproofError(
                "A visitor comes to the site through the harness's own proxy and cannot take the option 'proxy': "
                "leave it out, or use pytest-playwright's page for this test."
            )
        for name in (*launch_args, *self._context_args):
            if name not in known:
                raise CookieproofError(
                    f"A visitor has a profile of its own and cannot take the option {name!r}: "
                    "leave it out, or use pytest-playwright's page for this test."
                )

    @property
    def headed(self) -> bool:
        """Whether the browser has a window."""
        return self._launch_args.get("headless") is False or os.environ.get("PWDEBUG") == "1"

    @property
    def answer_seconds(self) -> float:
        """The seconds that a page may take to answer: with ``slow_mo`` Playwright waits before each call."""
        slow_mo: float = self._launch_args.get("slow_mo") or 0
        return ANSWER_SECONDS + slow_mo / 1000

    @property
    def no_video(self) -> str:
        """Why the browser records no video; an empty text if it does."""
        return why_no_video(self.engine, self._launch_args, self._type.executable_path)

    def prepare(self, profile: Path) -> None:
        """Make a new profile in the folder ``profile``: empty, or a copy of the template where a copy starts faster."""
        template = self._template
        if not (template and self.engine.template):
            profile.mkdir(parents=True)
            return
        once_a_run(template.with_name(f"{template.name}.txt"), lambda: self._make(template))
        locks = shutil.ignore_patterns(*self.engine.left_by_a_crash)
        shutil.copytree(template, profile, symlinks=True, ignore=locks)

    def _make(self, template: Path) -> str:
        """Start the browser once on a new profile at ``template``, and return its path for the run's other workers."""
        shutil.rmtree(template, ignore_errors=True)  # of a start that failed
        template.mkdir()
        context = self.open(template, {})
        pid = self.engine.pid(template)
        context.close()
        wait_for_exit(pid)
        return str(template)

    def open(self, profile: Path, more: Mapping[str, Any], proxy: int | None = None) -> BrowserContext:
        """Start the browser on the profile and return Playwright's context; ``more`` are further options.

        ``proxy`` is the loopback port of the browser's HTTP proxy. Raises ``CookieproofError`` if the browser does not
        start.
        """
        from playwright.sync_api import Error

        given: dict[str, Any] = {"timeout": START_SECONDS * 1000, **self._launch_args, **self._context_args}
        left_out = {"ignore_default_args": flags} if (flags := self.engine.left_out_flags()) else {}
        options = _merged(given, left_out, more, self.engine.proxy_options(proxy) if proxy else {})
        options["env"] = self._env
        try:
            agent = options["user_agent"] = self._context_args.get("user_agent") or self._own_user_agent
            if self.engine.user_agent_flag:
                options["args"] = [*options.get("args", ()), self.engine.user_agent_flag.format(agent)]
            self._on_start(self.name)
            return self._type.launch_persistent_context(profile, **options)
        except Error as error:
            said = [line for line in error.message.partition("Call log:")[0].splitlines() if "<launching>" not in line]
            raise CookieproofError("\n    ".join([f"{self.name} did not start.", *filter(None, said)])) from None

    @functools.cached_property
    def name(self) -> str:
        """The browser's name and version for people: ``Chromium 156.0.8078.79``."""
        return f"{self.engine.title} {self._version or self._launch_args.get('channel', '')}".rstrip()

    @functools.cached_property
    def _version(self) -> str:
        executable = self._launch_args.get("executable_path")
        if not executable and self._launch_args.get("channel") == self.engine.own_build.get("channel"):
            executable = str(self.engine.own_executable(self._type.executable_path))
        return version(executable) if executable else ""

    @functools.cached_property
    def _own_user_agent(self) -> str:
        if self._version and self.engine.user_agent:
            return self.engine.user_agent.format(self._version.partition(".")[0])
        # Only Playwright knows the executable of another channel: ask the browser.
        self._on_start(self.name)
        browser = self._type.launch(**{**self._launch_args, "headless": True})
        try:
            agent: str = evaluate(browser.new_page(), "navigator.userAgent", seconds=START_SECONDS)
        finally:
            browser.close()
        return agent.replace("HeadlessChrome", "Chrome")


def _merged(*options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the merged launch options: lists and dicts are joined, of other values the last one wins."""
    merged: dict[str, Any] = {}
    for each in options:
        for name, value in each.items():
            if name == "ignore_default_args" and merged.get(name) is True:  # none of them is given at all
                continue
            if name in ("args", "firefox_user_prefs", "ignore_default_args") and merged.get(name):
                value = [*merged[name], *value] if isinstance(value, list) else {**merged[name], **value}
            merged[name] = value
    return merged


def wait_for_exit(pid: int | None) -> None:
    """Wait until the process has ended and its profile is free; return at once for None."""
    if pid:
        wait_until(lambda: not _runs(pid), f"the browser (process {pid}) to end", END_SECONDS)


def _runs(pid: int) -> bool:
    try:
        return lives(psutil.Process(pid))  # Firefox's main thread may end before others, which hold the profile's lock
    except psutil.NoSuchProcess:
        return False


@functools.cache
def version(executable: str) -> str:
    """Return the version that ``executable --version`` prints, ``156.0.8078.79``; an empty text if it prints none."""
    try:
        said = subprocess.run([executable, "--version"], capture_output=True, text=True, timeout=START_SECONDS).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\d+(\.\d+)+", said)
    return found[0] if found else ""
