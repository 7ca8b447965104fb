"""``python -m cookieproof doctor``: tries each browser on this machine, and prints what works and what to do."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Iterable

from playwright.sync_api import Error

from cookieproof.browser.engine import Engine
from cookieproof.browser.engines import ENGINES
from cookieproof.commands import clock_check
from cookieproof.errors import CookieproofError
from cookieproof.harness import CommandHarness, harness_for

COLUMNS = ("version", "clock", "https", "trace", "screenshot", "video")
WORKS, FAILS, NONE, NOT_HERE = "works", "FAILS", "none", "not here"


def main(names: Iterable[str]) -> int:
    """Try the engines of these names and print a table. Return the exit code: 0 if one works and none fails, else 1.

    An engine that is not installed does not fail.
    """
    rows, advice = [], list[str]()
    for engine in map(ENGINES.__getitem__, names):
        cells, more = _examine(engine)
        rows.append([engine.title, *cells])
        advice += [text if text.startswith(engine.title) else f"{engine.title}: {text}" for text in more]
    print(_table([["", *COLUMNS], *rows]))
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        advice.append("No display: put `xvfb-run -a` in front of a headed run.")
    print("\n".join(["", *advice]))
    words = [cell for row in rows for cell in row]
    return int(WORKS not in words or any(word.endswith(FAILS) for word in words))


def _examine(engine: Engine) -> tuple[list[str], list[str]]:
    """Return the cells of the engine's row (``COLUMNS``), and sentences of advice."""
    try:
        with harness_for(engine) as command:
            return _try_out(engine, command)
    except CookieproofError as error:
        return [NOT_HERE], [str(error)]


def _try_out(engine: Engine, command: CommandHarness) -> tuple[list[str], list[str]]:
    """Return what ``_examine`` returns, for an engine whose browser is installed."""
    advice: list[str] = []

    def outcome(attempt: Callable[[], object]) -> str:
        try:
            attempt()
        except (CookieproofError, Error) as error:
            advice.append(str(error).strip())
            return FAILS
        return WORKS

    site, notes = command.harness.site_of({"app": clock_check.APP}), list[str]()
    records = command.harness.artifacts_recorder(
        command.launcher, tracing="on", screenshot="on", video="on", tell=notes.append
    )
    visitor = command.new_visitor(site, records)
    version = command.launcher.name.removeprefix(engine.title).strip() or "here"
    if outcome(lambda: visitor.goto("/")) == FAILS:
        return [f"{version} {FAILS}"], advice
    https = outcome(lambda: visitor.goto(site.https.url))
    visitor.move_to("localhost")
    clock = (
        NONE
        if command.harness.no_clock
        else outcome(lambda: clock_check.check_clock(visitor, command.harness.clock, command.launcher.name))
    )
    visitor.end()
    kept = {kind for kind, _ in records.keep(command.harness.folder / "kept", failed=False)}
    artifacts = [WORKS if kind in kept else NONE for kind in ("trace", "screenshot", "video")]
    restarts = f"no restarts: {engine.no_restart}" if engine.no_restart else ""
    advice += filter(None, [command.harness.no_clock, restarts, *dict.fromkeys(notes)])
    return [version, clock, https, *artifacts], advice


def _table(rows: list[list[str]]) -> str:
    columns = list(itertools.zip_longest(*rows, fillvalue=""))
    padded = [[cell.ljust(max(map(len, column))) for cell in column] for column in columns]
    return "\n".join("  ".join(row).rstrip() for row in zip(*padded, strict=True))
