"""Gets a browser, in this order: Playwright's own build, one that is installed, Debian's package; and the clock.

``python -m cookieproof install`` and ``make`` both come here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Playwright, sync_playwright

from cookieproof.clock import build
from cookieproof.engines import ENGINES, Engine, find
from cookieproof.errors import CookieproofError
from cookieproof.folder import own_temporary_folder
from cookieproof.launcher import Launcher

DOWNLOAD_SECONDS = 900
# What tests may need beside browsers, and what Debian calls it: a screen where there is none, a store of sessions.
PROGRAMS = {"xvfb": ("xvfb-run", ("xvfb", "xauth")), "redis": ("redis-server", ("redis-server",))}
INSTALLABLE = (*ENGINES, *PROGRAMS)


def install(engine: Engine, channel: str | None = None) -> str:
    """Make sure of a browser that starts, and return its name and version. Raises ``CookieproofError``.

    A channel that is another company's browser, such as "chrome", is used if it is here and
    never installed.
    """
    with own_temporary_folder(), sync_playwright() as playwright:
        path = getattr(playwright, engine.browser).executable_path
        if not engine.chosen_by(channel):
            try:
                return _start_once(playwright, engine, {"channel": channel})
            except CookieproofError:
                raise CookieproofError(
                    f'The channel "{channel}" is not here. `playwright install {channel}` gets it; it is another '
                    "company's browser, so nothing here does that for you."
                ) from None
        if not engine.own_executable(path).is_file():
            _download(engine)
        try:
            found = find(engine, path)
        except CookieproofError:
            _apt_install(engine)
            found = find(engine, path)
        try:
            return _start_once(playwright, engine, found)
        except CookieproofError:
            if "executable_path" in found:
                raise
            # Playwright's build is there, but this system lacks libraries that it needs.
            _run_as_root(sys.executable, "-m", "playwright", "install-deps", engine.browser)
            return _start_once(playwright, engine, found)


def install_program(name: str) -> str:
    """Make sure of one of PROGRAMS, and return what it is called. Raises ``CookieproofError``."""
    program, packages = PROGRAMS[name]
    if not shutil.which(program):
        if not Path("/etc/debian_version").exists():
            raise CookieproofError(f"There is no {program} here and this is no Debian: install it.")
        print(f"Installing Debian's {name} …", flush=True)
        _run_as_root("apt-get", "update", "-qq")
        _run_as_root("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages)
    return program


def prepare_clock() -> None:
    """Compile the clock, with Debian's compiler if there is none. Raises ``CookieproofError``."""
    if sys.platform != "linux":
        return  # the clock's tests skip there, and say why
    try:
        build()
    except CookieproofError:
        if not Path("/etc/debian_version").exists():
            raise
        print("Installing Debian's gcc …", flush=True)
        _run_as_root("apt-get", "update", "-qq")
        _run_as_root("apt-get", "install", "-y", "-qq", "--no-install-recommends", "gcc", "libc6-dev")
        build()


def _download(engine: Engine) -> None:
    command = [sys.executable, "-m", "playwright", "install", *engine.download]
    print(f"Downloading Playwright's own {engine.title} …", flush=True)
    try:
        done = subprocess.run(command, capture_output=True, timeout=DOWNLOAD_SECONDS, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        done = False
    if not done:
        print("It cannot be downloaded here: looking for an installed one.", flush=True)


def _apt_install(engine: Engine) -> None:
    by_hand = (
        f"Install {engine.title}, or let `playwright install {' '.join(engine.download)}` download it, and try again."
    )
    if not engine.debian_package:
        raise CookieproofError(
            f"There is no {engine.title} here: only Playwright's own build of it can be driven, and it could not be "
            "downloaded."
        )
    if not Path("/etc/debian_version").exists():
        raise CookieproofError(f"There is no {engine.title} here and this is no Debian. {by_hand}")
    print(f"Installing Debian's {engine.debian_package} …", flush=True)
    try:
        _run_as_root("apt-get", "update", "-qq")
        _run_as_root("apt-get", "install", "-y", "-qq", "--no-install-recommends", engine.debian_package)
    except CookieproofError as error:
        raise CookieproofError(f"{error} {by_hand}") from None


def _run_as_root(*command: str) -> None:
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
    launcher = Launcher(engine, getattr(playwright, engine.browser), found, {}, {}, on_start=lambda name: None)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        context = launcher.open(Path(profile), "", {})
        try:
            context.pages[0].goto("data:text/html,<title>works</title>")
            if context.pages[0].title() != "works":
                raise CookieproofError(f"{launcher.name} starts, but shows no page.")
        except Error as error:
            raise CookieproofError(f"{launcher.name} starts, but shows no page: {error.message}") from None
        finally:
            context.close()
    return launcher.name
