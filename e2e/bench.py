"""What the harness costs: a restart check beside the same steps in bare Playwright, and a move of the clock.

``make bench`` runs both kinds of check in turn, in one go, so that a machine whose speed
drifts slows both alike. It prints figures and judges nothing.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Playwright, sync_playwright

from cookieproof import expect_cookie
from cookieproof.clock import Clock, build
from cookieproof.engines import CHROMIUM, find
from cookieproof.launcher import Launcher
from cookieproof.server import Servers, Site
from cookieproof.visitor import Visitor

PAIRS = 12
MOVES = 50
SHOP = "site/shop:create_app"


def bare_check(playwright: Playwright, options: dict[str, Any], site: Site, profile: Path) -> None:
    """The plain cookies end with the browser: what one writes without the harness."""
    context = playwright.chromium.launch_persistent_context(profile, **options)
    page = context.pages[0]
    page.goto(site.url + "/set_cookie")
    page.goto(site.url + "/")
    assert "Itcast_1" in page.inner_text("table")
    context.close()
    context = playwright.chromium.launch_persistent_context(profile, **options)
    page = context.pages[0]
    page.goto(site.url + "/")
    assert "Itcast_1" not in page.inner_text("table")
    assert "Itcast_3" in page.inner_text("table")
    context.close()


def harness_check(visitor: Visitor) -> None:
    """The same promise with the harness, which asks the browser instead of a page that shows what came."""
    visitor.goto("/set_cookie")
    expect_cookie(visitor, "Itcast_1").to_be_sent()
    visitor.restart()
    expect_cookie(visitor, "Itcast_1").not_to_be_sent()
    expect_cookie(visitor, "Itcast_3").to_be_sent()
    visitor.end()


def seconds(run: Callable[[], None]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, sync_playwright() as playwright:
        folder = Path(name)
        options = find(CHROMIUM, playwright.chromium.executable_path)
        clock = Clock(folder, build())
        servers = Servers(Path.cwd(), folder, clock)
        try:
            site = servers.site(SHOP, {"SECRET_KEY": "for the benchmark alone"}, {})
            launcher = Launcher(CHROMIUM, playwright.chromium, options, {}, clock.env("browser"), lambda name: None)
            visitors = (Visitor(n, site, clock, launcher, folder / f"visitor-{n}") for n in range(1, PAIRS + 3))
            pairs = []
            for number in range(PAIRS + 1):
                visitor, profile = next(visitors), folder / f"bare-{number}"
                bare = seconds(lambda profile=profile: bare_check(playwright, options, site, profile))  # type: ignore[misc]
                ours = seconds(lambda visitor=visitor: harness_check(visitor))  # type: ignore[misc]
                pairs.append((ours, bare))
            report_restart(pairs[1:])  # the first pair warms up
            report_clock(clock, next(visitors))
        finally:
            servers.close()


def report_restart(pairs: list[tuple[float, float]]) -> None:
    ours, bare = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(ours / bare for ours, bare in pairs)
    print(
        f"a restart check:    {ours:.2f} s with the harness, {bare:.2f} s in bare Playwright (medians of {len(pairs)})"
    )
    print(f"                    ratio {ratio:.2f}, pair by pair")


def report_clock(clock: Clock, visitor: Visitor) -> None:
    visitor.goto("/")
    clock.before_move.append(visitor.settle)
    moves = [seconds(lambda: clock.advance(minutes=1)) for _ in range(MOVES)]
    print(f"a move of the clock: {statistics.median(moves) * 1000:.1f} ms under an open browser (median of {MOVES})")
    visitor.end()


if __name__ == "__main__":
    main()
