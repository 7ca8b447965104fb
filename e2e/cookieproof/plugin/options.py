"""Applies the settings of ``playwright.config.py`` to the run's options that the command line does not give."""

from __future__ import annotations

import importlib.util
import os
import shlex
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cookieproof import settings
from cookieproof.browser.engine import Engine
from cookieproof.browser.engines import BROWSERS, choose
from cookieproof.commands.install import INSTALLABLE
from cookieproof.errors import CookieproofError, did_you_mean
from cookieproof.plugin.stash import SETTINGS
from cookieproof.site import kinds
from cookieproof.site.site_spec import SiteMarker, SiteSpec

# Keys of Use, each with pytest-playwright's option for it: the flag, and the attribute.
OF_USE = {
    "channel": ("--browser-channel", "browser_channel"),
    "device": ("--device", "device"),
    "slow_mo": ("--slowmo", "slowmo"),
    "trace": ("--tracing", "tracing"),
    "screenshot": ("--screenshot", "screenshot"),
    "video": ("--video", "video"),
}
FAIL_ON_FLAKY = "--fail-on-flaky"
TEST_SECONDS = 120.0
AUDIT_SECONDS = 300
SCHEDULE_SECONDS, LIFETIME_SECONDS = 60, 10
LIKE_LIFETIMES = 12  # a lifetime with a page left open takes as long as so many others
CONTEXT_OPTIONS = ("viewport", "locale", "timezone_id", "color_scheme")


def add(parser: pytest.Parser, plugins: pytest.PytestPluginManager) -> None:
    """Add the harness's options to pytest's command line."""
    group = parser.getgroup("cookieproof", "cookies and sessions in real browsers")
    for each in (option for kind in kinds.KINDS for option in kind.options):
        group.addoption(each.name, metavar=each.metavar, help=each.help)
    group.addoption("--project", metavar="NAME", help="the project of playwright.config.py that this run is about")
    group.addoption(
        "--require",
        metavar="NAMES",
        help="what must be here, with commas between: a test that misses it fails, instead of being skipped "
        f"({', '.join(INSTALLABLE)})",
    )
    # pytest-rerunfailures adds the same option, whichever of the two plugins comes first.
    if plugins.is_blocked("rerunfailures") or not importlib.util.find_spec("pytest_rerunfailures"):
        group.addoption(FAIL_ON_FLAKY, action="store_true", help="exit with 1 if a check failed before it passed")


def apply(config: pytest.Config) -> None:
    """Read playwright.config.py, and set the options that the command line does not give.

    Raises ``CookieproofError`` for a mistake in either.
    """
    option, root = config.option, config.rootpath
    read = settings.load(root, kinds.keys())
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
        option.timeout = 0  # a person who watches needs time
    _check(config)


def required(given: str | None, in_the_file: list[str]) -> list[str]:
    """Return the names that this run requires: those of ``--require`` if it is given, else of the file.

    Raises ``CookieproofError`` for a name that ``install`` does not know.
    """
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
    """Return whether this run requires ``name``, as ``python -m cookieproof install`` calls it."""
    assert name in INSTALLABLE, name
    return name in config.option.require.split(",")


def _given(config: pytest.Config, flag: str) -> bool:
    """Return whether command line, environment or ini file give this option."""
    words = [
        *config.getini("addopts"),
        *shlex.split(os.environ.get("PYTEST_ADDOPTS", "")),
        *map(str, config.invocation_params.args),
    ]
    return any(word == flag or word.startswith(f"{flag}=") for word in words)


def words_for_the_site(config: pytest.Config) -> list[str]:
    """Return the words of the command line that name site and channel: ``["--site", "app.py"]``; empty without any."""
    flags = [each.name for kind in kinds.KINDS for each in kind.options] + ["--base-url"]
    flags += ["--browser-channel"] if engine(config).has_window else []
    given = [flag for flag in flags if _given(config, flag)]
    return [word for flag in given for word in (flag, getattr(config.option, flag[2:].replace("-", "_")))]


def _check(config: pytest.Config) -> None:
    option = config.option
    kinds.check(_spec(config))
    headed = option.headed or os.environ.get("PWDEBUG") == "1"
    on_screen = sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if headed and not on_screen:
        why = "--headed" if option.headed else "PWDEBUG=1"
        raise CookieproofError(f"{why} needs a display and there is none: put `xvfb-run -a` in front, or leave it out.")
    if headed and not engine(config).has_window:
        raise CookieproofError(f"{engine(config).title} has no window: leave out --headed, or name another project.")


def engine(config: pytest.Config) -> Engine:
    """Return the engine of this run."""
    return choose(config.option.browser[0], config.option.browser_channel)


def has_site(request: pytest.FixtureRequest) -> bool:
    """Return whether a site is chosen for this test."""
    try:
        kinds.choose(site_spec_for(request))
    except CookieproofError:
        return False
    return True


def site_spec_for(request: pytest.FixtureRequest) -> SiteSpec:
    """Return what the test's marker, the command line and the file say of the site."""
    marker = request.node.get_closest_marker("site")
    marked = SiteMarker(request.path.parent, marker.args, marker.kwargs) if marker else None
    return replace(_spec(request.config), marker=marked)


def _spec(config: pytest.Config) -> SiteSpec:
    read = config.stash[SETTINGS]
    ignores = bool(read.use.get("context_options", {}).get("ignore_https_errors"))
    return SiteSpec(
        config.rootpath,
        read.web_server,
        vars(config.option),
        allow_hosts=read.allow_hosts,
        sites=read.sites,
        ignore_https_errors=ignores,
    )


def choose_tests(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip tests by ``skip_browser`` and ``only_browser``, with any number of names.

    pytest-playwright reads only the first name (0.10.0), so its markers are replaced by ones for this run's browser.
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
            item.add_marker(pytest.mark.skip(f"runs only on {' and '.join(runs_on) or 'no browser'}"))
        item.add_marker(pytest.mark.only_browser(browser), append=False)
        item.add_marker(pytest.mark.skip_browser(""), append=False)


def allow_time(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give a test of lifetimes or of an audit the time of all tests of its list, since the first proves them all."""
    for item in items:
        lifetimes = getattr(getattr(item, "function", None), "lifetimes", ())
        if lifetimes and config.option.timeout:
            left_open = sum(each.idle_page is not None for each in lifetimes)
            seconds = seconds_for(len(lifetimes) + LIKE_LIFETIMES * left_open)
            item.add_marker(pytest.mark.timeout(max(config.option.timeout, seconds)))
        if hasattr(getattr(item, "function", None), "audited") and config.option.timeout:
            item.add_marker(pytest.mark.timeout(max(config.option.timeout, AUDIT_SECONDS)))


def seconds_for(lifetimes: int) -> int:
    """Return the seconds that the schedule of so many lifetimes may take on a busy machine."""
    return SCHEDULE_SECONDS + LIFETIME_SECONDS * lifetimes


def output(config: pytest.Config) -> Path:
    """Return the folder that this run writes to."""
    return Path(config.option.output).absolute()
