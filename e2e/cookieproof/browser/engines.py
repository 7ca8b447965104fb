"""Lists all engines, and finds an installed browser of one."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cookieproof.browser.chromium import CHROMIUM, HEADLESS_SHELL
from cookieproof.browser.engine import Engine
from cookieproof.browser.firefox import FIREFOX
from cookieproof.browser.webkit import WEBKIT
from cookieproof.errors import CookieproofError

INSTALL = 'Run "python -m cookieproof install{}", or name one with --browser-channel.'
ENGINES = {engine.name: engine for engine in (CHROMIUM, HEADLESS_SHELL, FIREFOX, WEBKIT)}
BROWSERS = ("chromium", "firefox", "webkit")


def choose(browser: str, channel: str | None) -> Engine:
    """Return the engine for Playwright's name of a browser and a channel (None for the default channel)."""
    engine = ENGINES.get(channel or browser, ENGINES[browser])
    return engine if engine.browser == browser else ENGINES[browser]


def find(engine: Engine, executable_path: str) -> dict[str, Any]:
    """Return launch options that choose the binary: Playwright's own build if it is installed, else the system's.

    ``executable_path`` is that of Playwright's BrowserType. Raises ``CookieproofError`` if there is none, or only a
    snap.
    """
    if engine.own_executable(executable_path).is_file():
        return dict(engine.own_build)
    snap = None
    for name in engine.executables:
        path = shutil.which(name)
        if path and not _is_snap(Path(path)):
            return {**engine.system_build, "executable_path": path}
        snap = snap or path
    install = INSTALL.format("" if engine == CHROMIUM else f" {engine.name}")
    if snap:
        raise CookieproofError(
            f"{snap} is a snap, which can neither use a profile of ours nor share our clock. {install}"
        )
    raise CookieproofError(f"{engine.title} is not here. {install}")


def why_no_video(engine: Engine, launch_options: Mapping[str, Any], executable_path: str) -> str:
    """Return why a browser that is started with these options records no video; an empty text if it does."""
    if engine.no_video and "executable_path" in launch_options:
        return engine.no_video
    for folder in Path(executable_path).parents:
        if re.fullmatch(rf"{engine.browser}-\d+", folder.name) and not list(folder.parent.glob("ffmpeg-*/ffmpeg*")):
            return "Playwright's ffmpeg is not here (`python -m playwright install ffmpeg` gets it)"
    return ""


def _is_snap(path: Path) -> bool:
    resolved = path.resolve()
    if "snap" in resolved.parts:  # /snap/…, or /usr/bin/snap, which runs them all
        return True
    with resolved.open("rb") as file:  # Ubuntu's chromium-browser is a script that runs the snap
        head = file.read(4096)
    return head.startswith(b"#!") and b"/snap/bin/" in head
