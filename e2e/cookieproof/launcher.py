"""Starts one engine on profiles, with one run's options."""

from __future__ import annotations

import functools
import inspect
import os
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cookieproof.engines import Engine
from cookieproof.errors import CookieproofError

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, BrowserType

START_SECONDS = 60.0
__tracebackhide__ = True  # a failure points at the line of the test


class Launcher:
    """Starts one engine on profiles, with one run's options, and counts the starts."""

    def __init__(
        self,
        engine: Engine,
        browser_type: BrowserType,
        launch_args: Mapping[str, Any],
        context_args: Mapping[str, Any],
        env: Mapping[str, str],
        on_start: Callable[[str], object],
    ) -> None:
        self.engine, self._type, self._on_start = engine, browser_type, on_start
        self._launch_args, self._context_args = launch_args, context_args
        self._env = {**(launch_args.get("env") or os.environ), **env}
        known = inspect.signature(browser_type.launch_persistent_context).parameters
        for name in (*launch_args, *context_args):
            if name not in known:
                raise CookieproofError(
                    f"A visitor has a profile of its own and cannot take the option {name!r}: "
                    "leave it out, or use pytest-playwright's page for this test."
                )

    def open(self, profile: Path, user_agent_suffix: str, more: Mapping[str, Any]) -> BrowserContext:
        """Start the browser on the profile, with ``more`` options. Raises ``CookieproofError`` if it won't."""
        from playwright.sync_api import Error

        options = {"timeout": START_SECONDS * 1000, **self._launch_args, **self._context_args, **more}
        options["env"] = self._env
        try:
            own = self._context_args.get("user_agent") or self._own_user_agent
            options["user_agent"] = f"{own} {user_agent_suffix}"
            self._on_start(self.name)
            return self._type.launch_persistent_context(profile, **options)
        except Error as error:
            said = [line for line in error.message.partition("Call log:")[0].splitlines() if "<launching>" not in line]
            raise CookieproofError("\n    ".join([f"{self.name} did not start.", *filter(None, said)])) from None

    @functools.cached_property
    def name(self) -> str:
        """Which browser this is, for people: ``Chromium 156.0.8078.79``."""
        return f"{self.engine.name.title()} {self._version or self._launch_args.get('channel', '')}".rstrip()

    @functools.cached_property
    def _version(self) -> str:
        executable = self._launch_args.get("executable_path")
        if not executable and self._launch_args.get("channel") == self.engine.own_build.get("channel"):
            executable = self._type.executable_path
        return version(executable) if executable else ""

    @functools.cached_property
    def _own_user_agent(self) -> str:
        if self._version:
            return self.engine.user_agent.format(self._version.partition(".")[0])
        # Another channel, whose executable only Playwright knows: ask the browser itself.
        self._on_start(self.name)
        browser = self._type.launch(**{**self._launch_args, "headless": True})
        try:
            agent: str = browser.new_page().evaluate("navigator.userAgent")
        finally:
            browser.close()
        return agent.replace("HeadlessChrome", "Chrome")


@functools.cache
def version(executable: str) -> str:
    """``156.0.8078.79``, as the browser says; an empty text if it won't."""
    try:
        said = subprocess.run([executable, "--version"], capture_output=True, text=True, timeout=START_SECONDS).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\d+(\.\d+)+", said)
    return found[0] if found else ""
