"""Installs a browser, in this order: Playwright's own build, an installed one, Debian's package; and the clock.

``python -m cookieproof install`` and ``make`` both use it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Playwright, sync_playwright

from cookieproof.browser.engine import Engine
from cookieproof.browser.engines import ENGINES, find
from cookieproof.browser.run_folder import own_temporary_folder
from cookieproof.clock.library import build
from cookieproof.errors import CookieproofError
from cookieproof.harness import launcher_off_the_clock

DEBIAN = Path("/etc/debian_version")
DOWNLOAD_SECONDS = 900
DOWNLOAD_HOSTS = ("cdn.playwright.dev", "playwright.download.prss.microsoft.com")
# Programs that tests may need besides browsers (a virtual screen, a session store), and Debian's packages of them.
PROGRAMS = {"xvfb": ("xvfb-run", ("xvfb", "xauth")), "redis": ("redis-server", ("redis-server",))}
INSTALLABLE = (*ENGINES, *PROGRAMS)
CLOCK, COMPILER = "clock", ("gcc", "libc6-dev")


def install(engine: Engine, channel: str | None = None) -> str:
    """Install the engine's browser if it is missing, start it once, and return its name and version.

    Raises ``CookieproofError`` if it cannot be installed or does not start. A channel that is another company's
    browser, such as "chrome", is used if it is installed, and never installed.
    """
    with own_temporary_folder(), sync_playwright() as playwright:
        if not engine.chosen_by(channel):
            try:
                return _start_once(playwright, engine, {"channel": channel})
            except CookieproofError:
                raise CookieproofError(
                    f'The channel "{channel}" is not here. `playwright install {channel}` gets it; it is another '
                    "company's browser, so nothing here does that for you."
                ) from None
        for error in _apt_install({engine.name: _missing(playwright, engine.name)}).values():
            raise error
        return _check_works(playwright, engine.name)


def install_all(names: Sequence[str]) -> dict[str, CookieproofError]:
    """Install what is missing of these names of ENGINES and PROGRAMS, and the clock; print which of them work.

    One apt-get installs all packages of Debian. Returns the errors, by the name that does not work.
    """
    errors: dict[str, CookieproofError] = {}
    missing: dict[str, tuple[str, ...]] = {}
    with own_temporary_folder(), sync_playwright() as playwright:
        for name in (*names, CLOCK):
            try:
                missing[name] = _missing(playwright, name)
            except CookieproofError as error:
                errors[name] = error
        errors |= _apt_install(missing)
        for name in (*names, CLOCK):
            try:
                if name not in errors and (works := _check_works(playwright, name)):
                    print(f"{works} works.", flush=True)
            except CookieproofError as error:
                errors[name] = error
    return errors


def _missing(playwright: Playwright, name: str) -> tuple[str, ...]:
    """Return Debian's packages for what is missing and cannot be downloaded; raise ``CookieproofError`` off Debian."""
    if name == CLOCK:
        needed, error = _clock_needs(), "There is no C compiler here and this is no Debian: install one for the clock."
    elif name in PROGRAMS:
        program, packages = PROGRAMS[name]
        needed = () if shutil.which(program) else packages
        error = f"There is no {program} here and this is no Debian: install it."
    else:
        engine = ENGINES[name]
        needed = _engine_needs(playwright, engine)
        error = f"There is no {engine.title} here and this is no Debian. {_by_hand(engine)}"
    if needed and not DEBIAN.exists():
        raise CookieproofError(error)
    return needed


def _clock_needs() -> tuple[str, ...]:
    """Compile the clock, and return Debian's packages of the compiler if there is none."""
    try:
        if sys.platform == "linux":  # the clock's tests skip elsewhere, and say why
            build()
    except CookieproofError:
        return COMPILER
    return ()


def _engine_needs(playwright: Playwright, engine: Engine) -> tuple[str, ...]:
    """Download the engine's browser if possible; if none is found then, return Debian's package, or raise."""
    path = getattr(playwright, engine.browser).executable_path
    if not engine.own_executable(path).is_file():
        _download(engine)
    try:
        find(engine, path)
    except CookieproofError:
        if not engine.debian_package:
            raise CookieproofError(
                f"There is no {engine.title} here: only Playwright's own build of it can be driven, and it could not "
                "be downloaded."
            ) from None
        return (engine.debian_package,)
    return ()


def _check_works(playwright: Playwright, name: str) -> str:
    """Start the browser or find the program of this name, and return its name for people; empty for the clock.

    Raises ``CookieproofError`` if it does not work.
    """
    if name == CLOCK:
        if sys.platform == "linux":
            build()
        return ""
    if name in PROGRAMS:
        program = PROGRAMS[name][0]
        if not shutil.which(program):
            raise CookieproofError(f"{program} is installed, but not on the PATH.")
        return program
    engine = ENGINES[name]
    found = find(engine, getattr(playwright, engine.browser).executable_path)
    try:
        return _start_once(playwright, engine, found)
    except CookieproofError:
        if "executable_path" in found:
            raise
        # Playwright's build is there, but this system lacks libraries that it needs.
        _run_as_root(sys.executable, "-m", "playwright", "install-deps", engine.browser)
        return _start_once(playwright, engine, found)


def _download(engine: Engine) -> None:
    """Have Playwright download its own build, and print if it cannot."""
    command = [sys.executable, "-m", "playwright", "install", *engine.download]
    print(f"Downloading Playwright's own {engine.title} …", flush=True)
    done = False
    if _may_be_downloaded():
        with suppress(subprocess.TimeoutExpired):
            run = subprocess.run(command, capture_output=True, timeout=DOWNLOAD_SECONDS, check=False)
            done = run.returncode == 0
    if not done:
        print("It cannot be downloaded here: looking for an installed one.", flush=True)


def _may_be_downloaded() -> bool:
    """Return whether the download hosts resolve; Playwright would try five times otherwise, for 2 s of a processor."""
    settings = [name.lower() for name, value in os.environ.items() if value]
    if any(name.endswith(("_proxy", "download_host")) for name in settings):
        return True  # who knows
    for host in DOWNLOAD_HOSTS:
        with suppress(OSError):
            return bool(socket.getaddrinfo(host, 443))
    return False


def _by_hand(engine: Engine) -> str:
    """Return a sentence that says how a person installs the engine."""
    return (
        f"Install {engine.title}, or let `playwright install {' '.join(engine.download)}` download it, and try again."
    )


def _apt_install(missing: Mapping[str, Sequence[str]]) -> dict[str, CookieproofError]:
    """Install the packages of all names by one apt-get. Return the errors, by the name that they are for."""
    wanted = {name: packages for name, packages in missing.items() if packages}
    if not wanted:
        return {}
    print(f"Installing Debian's {', '.join(packages[0] for packages in wanted.values())} …", flush=True)
    try:
        _run_as_root("apt-get", "update", "-qq")
    except CookieproofError as error:
        return {name: _about(name, error) for name in wanted}
    errors = {}
    try:
        _apt_get_install(*(package for packages in wanted.values() for package in packages))
    except CookieproofError as error:
        if len(wanted) == 1:
            return {name: _about(name, error) for name in wanted}
        for name, packages in wanted.items():  # one missing package fails them all: install each by itself
            try:
                _apt_get_install(*packages)
            except CookieproofError as one:
                errors[name] = _about(name, one)
    return errors


def _about(name: str, error: CookieproofError) -> CookieproofError:
    """Return the error of apt-get, with the advice for the engine of this name, if it is one."""
    return CookieproofError(f"{error} {_by_hand(ENGINES[name])}") if name in ENGINES else error


def _apt_get_install(*packages: str) -> None:
    _run_as_root("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages)


def _run_as_root(*command: str) -> None:
    """Run a command as root, by sudo if need be. Raises ``CookieproofError`` with its last line if it fails."""
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if sudo and not shutil.which("sudo"):
        raise CookieproofError(f"`{' '.join(command)}` needs root.")
    run = subprocess.run(
        [*sudo, *command],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if run.returncode:
        last = (run.stdout.strip().splitlines() or [""])[-1]
        raise CookieproofError(f"`{' '.join(command)}` failed: {last}.")


def _start_once(playwright: Playwright, engine: Engine, found: dict[str, Any]) -> str:
    """Start the browser that the launch options ``found`` choose, show a page, and return its name and version."""
    launcher = launcher_off_the_clock(engine, getattr(playwright, engine.browser), found)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        context = launcher.open(Path(profile), {})
        try:
            context.pages[0].goto("data:text/html,<title>works</title>")
            if context.pages[0].title() != "works":
                raise CookieproofError(f"{launcher.name} starts, but shows no page.")
        except Error as error:
            raise CookieproofError(f"{launcher.name} starts, but shows no page: {error.message}") from None
        finally:
            context.close()
    return launcher.name
