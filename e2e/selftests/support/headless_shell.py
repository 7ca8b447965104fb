"""Chromium's headless shell, in which the harness's own tests run where they need no more than that."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import BrowserType

from cookieproof.browser.chromium import HEADLESS_SHELL
from cookieproof.browser.engines import find
from cookieproof.errors import CookieproofError


def launch_options(browser_type: BrowserType) -> dict[str, Any]:
    """Return the launch options that choose the headless shell; none where it is missing: the whole browser starts."""
    try:
        return find(HEADLESS_SHELL, browser_type.executable_path)
    except CookieproofError:
        return {}
