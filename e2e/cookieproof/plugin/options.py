"""How the settings of ``playwright.config.py`` become the run's options, where the command line says nothing."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cookieproof import settings
from cookieproof.browser.engine import Engine
from cookieproof.browser.engines import BROWSERS, choose
from cookieproof.commands.install import INSTALLABLE
from cookieproof.errors import CookieproofError, did_you_mean
from cookieproof.plugin.stash import SETTINGS
from cookieproof.settings import Settings

# Of Use, by the name of the option that pytest-playwright has for it: the option's text, and its attribute.
OF_USE = {
    "channel": ("--browser-channel", "browser_channel"),
    "device": ("--device", "device"),
    "slow_mo": ("--slowmo", "slowmo"),
    "trace": ("--tracing", "tracing"),
    "screenshot": ("--screenshot", "screenshot"),
    "video": ("--video", "video"),
}
TEST_SECONDS = 120.0
PASS_SECONDS, LIFETIME_SECONDS = 60, 10
CONTEXT_OPTIONS = ("viewport", "locale", "timezone_id", "color_scheme")


def add(parser: pytest.Parser) -> None:
    group = parser.getgroup("cookieproof", "cookies and sessions in real browsers")
    group.addoption(
        "--site",
        metavar="MODULE:FACTORY",
        help="the Flask app to serve, spelled as flask --app does; wins over playwright.config.py",
    )
    group.addoption("--project", metavar="NAME", help="the project of playwright.config.py that this run is about")
    group.addoption(
        "--require",
        metavar="NAMES",
        help="what must be here, with commas between: a test that misses it fails, instead of being skipped "
        f"({', '.join(INSTALLABLE)})",
    )


def apply(config: pytest.Config) -> None:
    """Read the file and fill in what the command line left open. Raises ``CookieproofError`` for mistakes."""
    option, root = config.option, config.rootpath
    read = settings.load(root)
    if len(option.browser or []) > 1:
        raise CookieproofError("One run is one browser: give --browser once.")
    browser = option.browser[0] if option.browser else None
    option.project, chosen = read.for_run(option.project, browser)
    config.stash[SETTINGS] = chosen
    option.browser = [browser or chosen.use.get("browser", "chromium")]
    option.require = ",".join(required(option.require, chosen.require))

    for key, (flag, attribute) in OF_USE.items():
        if key in chosen.use and not _given(config, flag):
            setattr(option, attribute, chosen.use[key])  # type: ignore[literal-required]
    option.headed = option.headed or not chosen.use.get("headless", True)
    if not _given(config, "--base-url"):
        option.base_url = chosen.base_url or option.base_url
    if not _given(config, "--output"):
        option.output = str(root / chosen.output_dir)
    if not _given(config, "--timeout"):
        if chosen.timeout is not None:
            option.timeout = chosen.timeout / 1000
        elif not (config.getini("timeout") or os.environ.get("PYTEST_TIMEOUT")):
            option.timeout = TEST_SECONDS  # no test waits for ever
    is_watched = os.environ.get("PWDEBUG") == "1" or (option.headed and not chosen.strict)
    if is_watched and not _given(config, "--timeout"):
        option.timeout = 0  # a person who looks takes their time
    _check(config, chosen)


def required(given: str | None, in_the_file: list[str]) -> list[str]:
    """What this run may not go without: what ``--require`` gives, else the file. Raises for a name nobody installs."""
    where, names = f"{settings.FILE}: require", in_the_file
    if given is not None:
        where, names = "--require", [name.strip() for name in given.split(",") if name.strip()]
    for name in names:
        if name not in INSTALLABLE:
            raise CookieproofError(
                f"{where} names {name!r}; allowed: {', '.join(INSTALLABLE)}.{did_you_mean(name, INSTALLABLE)}"
            )
    return names


def is_required(config: pytest.Config, name: str) -> bool:
    """Whether this run may not go without it: ``name`` is what ``python -m cookieproof install`` calls it."""
    assert name in INSTALLABLE, name
    return name in config.option.require.split(",")


def _given(config: pytest.Config, flag: str) -> bool:
    """Whether the command line, the environment or the ini file gives this option."""
    words = [
        *config.getini("addopts"),
        *shlex.split(os.environ.get("PYTEST_ADDOPTS", "")),
        *map(str, config.invocation_params.args),
    ]
    return any(word == flag or word.startswith(f"{flag}=") for word in words)


def _check(config: pytest.Config, chosen: Settings) -> None:
    option, root = config.option, config.rootpath
    if option.site:
        settings.check_app(option.site, root, "--site")
    elif app := chosen.web_server.get("app"):
        settings.check_app(app, root, f"{settings.FILE}: web_server")
    headed = option.headed or os.environ.get("PWDEBUG") == "1"
    on_screen = sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if headed and not on_screen:
        why = "--headed" if option.headed else "PWDEBUG=1"
        raise CookieproofError(f"{why} needs a display and there is none: put `xvfb-run -a` in front, or leave it out.")
    if headed and engine(config).name == "chromium-headless-shell":
        raise CookieproofError("The headless shell has no window: leave out --headed, or name another project.")


def engine(config: pytest.Config) -> Engine:
    """The engine that this run is about."""
    return choose(config.option.browser[0], config.option.browser_channel)


@dataclass(frozen=True)
class ChosenSite:
    """What one test's site is: an app with its configuration, or the URL of one that runs elsewhere."""

    app: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    setup: str = ""
    https: bool = False
    base_url: str = ""


def has_site(request: pytest.FixtureRequest) -> bool:
    """Whether a site is chosen for this test."""
    try:
        chosen_site(request)
    except CookieproofError:
        return False
    return True


def chosen_site(request: pytest.FixtureRequest) -> ChosenSite:
    """The site of the test's marker, else of the command line, else of the file. Raises ``CookieproofError``."""
    config, marker = request.config, request.node.get_closest_marker("site")
    web_server = config.stash[SETTINGS].web_server
    https = web_server.get("https", False)  # whichever app is served in this run
    if marker and marker.args:
        app = marker.args[0]
        if (request.path.parent / app.partition(":")[0]).exists():
            app = os.path.normpath(request.path.parent / app)  # one spelling for each, so that it is served once
        else:
            settings.check_app(app, config.rootpath, "@pytest.mark.site")
        # The environment is the machine's, as it were; config and setup are the configured app's own.
        return ChosenSite(app, marker.kwargs, web_server.get("env", {}), https=https)
    if config.option.base_url and not config.option.site:
        if marker:
            raise CookieproofError(f"{config.option.base_url} runs elsewhere: @pytest.mark.site cannot configure it.")
        return ChosenSite(base_url=config.option.base_url)
    app = config.option.site or web_server.get("app")
    if not app:
        raise CookieproofError(
            f'No site to serve: name one with --site "path/or.module:factory", or in {settings.FILE} '
            'with web_server = {"app": "path/or.module:factory"}.'
        )
    values = {**web_server.get("config", {}), **(marker.kwargs if marker else {})}
    return ChosenSite(app, values, web_server.get("env", {}), web_server.get("setup", ""), https)


def choose_tests(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what ``skip_browser`` and ``only_browser`` say, with any number of names.

    pytest-playwright reads the first name alone (0.10.0), so it is told this run's own.
    """
    browser = config.option.browser[0]
    for item in items:
        markers = {kind: item.get_closest_marker(f"{kind}_browser") for kind in ("only", "skip")}
        if not any(markers.values()):
            continue
        for kind, marker in markers.items():
            for name in marker.args if marker else ():
                if name not in BROWSERS:
                    raise CookieproofError(
                        f"{item.nodeid}: {kind}_browser names {name!r}; allowed: {', '.join(BROWSERS)}."
                        f"{did_you_mean(str(name), BROWSERS)}"
                    )
        only = markers["only"].args if markers["only"] else BROWSERS
        skipped = markers["skip"].args if markers["skip"] else ()
        runs_on = [name for name in BROWSERS if name in only and name not in skipped]
        if browser not in runs_on:
            item.add_marker(pytest.mark.skip(f"runs on {' and '.join(runs_on) or 'no browser'} alone"))
        item.add_marker(pytest.mark.only_browser(browser), append=False)
        item.add_marker(pytest.mark.skip_browser(""), append=False)


def allow_time(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give a test that proves lifetimes the time of all of them, since whichever comes first proves them all."""
    for item in items:
        lifetimes = getattr(getattr(item, "function", None), "lifetimes", ())
        if lifetimes and config.option.timeout:
            item.add_marker(pytest.mark.timeout(max(config.option.timeout, seconds_for(len(lifetimes)))))


def seconds_for(lifetimes: int) -> int:
    """How long a pass through so many lifetimes may take, where much else runs."""
    return PASS_SECONDS + LIFETIME_SECONDS * lifetimes


def output(config: pytest.Config) -> Path:
    """The folder that this run writes to."""
    return Path(config.option.output).absolute()
