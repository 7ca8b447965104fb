"""Overrides fixtures of pytest-playwright, which must know the run's browser, site and settings.

Each returns what pytest-playwright's own returns, with the run's settings applied. The plugin registers this module
late, so that these fixtures win.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Playwright

from cookieproof.browser import engines
from cookieproof.browser.abandoned import end_abandoned_calls
from cookieproof.browser.launcher import context_args, launch_args
from cookieproof.errors import CookieproofError, did_you_mean
from cookieproof.plugin import options
from cookieproof.plugin.stash import LAUNCHES, NOTES, SETTINGS
from cookieproof.site.certificate import Certificate


@pytest.fixture(scope="session")
def playwright(playwright: Playwright) -> Iterator[Playwright]:
    """pytest-playwright's fixture; calls that Ctrl-C interrupted are cancelled before Playwright is stopped."""
    yield playwright
    end_abandoned_calls(playwright)


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any],
    browser_type: BrowserType,
    pytestconfig: pytest.Config,
    _certificate: Certificate,
) -> dict[str, Any]:
    """Options for browser starts: pytest-playwright's, the settings', and the choice of the binary."""
    given = {**pytestconfig.stash[SETTINGS].use.get("launch_options", {}), **browser_type_launch_args}
    return launch_args(options.engine(pytestconfig), given, browser_type.executable_path, _certificate)


@pytest.fixture(scope="session")
def base_url(pytestconfig: pytest.Config) -> str | None:
    """The site's URL as it was given, or None: pytest-playwright's own is a method, of which pytest 9.2 warns."""
    return pytestconfig.getoption("--base-url") or pytestconfig.getini("base_url") or None


@pytest.fixture(scope="session")
def device(device: str | None, playwright: Playwright) -> str | None:
    """pytest-playwright's fixture; an unknown device raises an error that suggests one."""
    if device and device not in playwright.devices:
        raise CookieproofError(
            f'The device "{device}" is none of playwright.devices.{did_you_mean(device, playwright.devices)}'
        )
    return device


@pytest.fixture(scope="session")
def browser_context_args(
    browser_context_args: dict[str, Any],
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    pytestconfig: pytest.Config,
) -> dict[str, Any]:
    """Options for contexts: pytest-playwright's, and the settings'."""
    use, engine = pytestconfig.stash[SETTINGS].use, options.engine(pytestconfig)
    if no_video := engines.why_no_video(engine, browser_type_launch_args, browser_type.executable_path):
        if "record_video_dir" in browser_context_args:
            pytestconfig.stash[NOTES].append(f"no video: {no_video}")
        browser_context_args = {**browser_context_args}
        browser_context_args.pop("record_video_dir", None)
    named = {key: use[key] for key in options.CONTEXT_OPTIONS if key in use}  # type: ignore[literal-required]
    return {**context_args(engine), **browser_context_args, **use.get("context_options", {}), **named}


@pytest.fixture(scope="session")
def launch_browser(launch_browser: Callable[..., Browser], pytestconfig: pytest.Config) -> Callable[..., Browser]:
    """pytest-playwright's fixture, with each start counted."""

    def launch(**kwargs: Any) -> Browser:
        browser = launch_browser(**kwargs)
        pytestconfig.stash[LAUNCHES].append(f"{options.engine(pytestconfig).title} {browser.version}")
        return browser

    return launch


@pytest.fixture
def new_context(
    new_context: Callable[..., BrowserContext],
    browser_context_args: dict[str, Any],
    request: pytest.FixtureRequest,
) -> Callable[..., BrowserContext]:
    """pytest-playwright's fixture, with the site as base_url if a site is configured."""
    if "base_url" in browser_context_args or not options.has_site(request):
        return new_context
    url = request.getfixturevalue("site").url
    return lambda **kwargs: new_context(**{"base_url": url, **kwargs})


@pytest.fixture(scope="session", autouse=True)
def delete_output_dir() -> None:
    """Do nothing: pytest-playwright's would delete one worker's artifacts in another; the run's start has done it."""
