"""Playwright's own builds of the engines: where they are, and stubs that stand in for them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from cookieproof.browser.engines import ENGINES

STUB = '#!/bin/sh\necho "$0 was started with $*" >&2\nexit 1\n'
WHERE = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    for browser in (playwright.chromium, playwright.firefox, playwright.webkit):
        print(browser.name, browser.executable_path)
"""


def playwrights_own(env: Mapping[str, str]) -> dict[str, Path]:
    """Where Playwright's own build of each engine is, or would be, in this environment, by the engine's name."""
    command = [sys.executable, "-c", WHERE]
    said = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    paths = dict(line.split(" ", 1) for line in said.splitlines())
    return {name: engine.own_executable(paths[engine.browser]) for name, engine in ENGINES.items()}


def stub(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(STUB)
    path.chmod(0o755)
    return path
