"""What the harness costs: a restart check and the same steps in bare Playwright, recording, a move of the clock.

``make bench`` runs what it compares in turn, in one go, so that a machine whose speed
drifts slows both alike. It prints figures and judges nothing.
"""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserType, Page, Playwright, sync_playwright

from cookieproof import WITH_THE_BROWSER, Lifetime, NewVisitor, Site, expect_cookie
from cookieproof.browser.artifacts import ArtifactsRecorder
from cookieproof.browser.chromium import CHROMIUM
from cookieproof.browser.engines import find
from cookieproof.browser.firefox import FIREFOX
from cookieproof.browser.launcher import Launcher, context_args, launch_args
from cookieproof.clock.clock import Clock
from cookieproof.errors import CookieproofError
from cookieproof.harness import Harness
from cookieproof.promises.audit.audit import audit
from cookieproof.promises.prove import prove
from cookieproof.visitor.visitor import Visitor
from selftests.support.audited import declared

PAIRS = 12
REQUESTS = 300
MOVES = 50
STARTS = 5
LIFETIMES, ROUNDS = 100, 3
SHOP = "site/shop:create_app"
AUDITED = "e2e/selftests/apps/audited.py:create_app"
COOKIES = "e2e/selftests/apps/lifetimes.py:create_app"
Step = Callable[[], None]
# One request after the other, and how many milliseconds each took.
ASK = """async count => {
  const took = [];
  for (let asked = 0; asked < count; asked++) {
    const began = performance.now();
    await (await fetch("/healthz-of-nobody", {cache: "no-store"})).text();
    took.push(performance.now() - began);
  }
  return took;
}"""


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
        starts: list[str] = []
        harness = Harness(folder, Path.cwd())
        launcher = harness.launcher(CHROMIUM, playwright.chromium, options, {}, starts.append)
        numbers = itertools.count(1)
        try:
            site = harness.site_of({"app": SHOP, "config": {"SECRET_KEY": "only for the benchmark"}})

            def checked(recorder: ArtifactsRecorder | None = None) -> None:
                with harness.visitors(site, launcher, recorder) as new_visitor:
                    harness_check(new_visitor())

            def recorded() -> None:
                recorder = harness.artifacts_recorder(
                    launcher,
                    tracing="retain-on-failure",
                    screenshot="only-on-failure",
                    video="off",
                    tell=lambda note: None,
                )
                checked(recorder)
                recorder.keep(folder, failed=False)

            def bare() -> None:
                bare_check(playwright, options, site, folder / f"bare-{next(numbers)}")

            report_pairs("a restart check:", checked, "with the harness", bare, "in bare Playwright")
            report_pairs("recording:", recorded, "for failures only", checked, "without")
            with harness.visitors(site, launcher) as new_visitor:
                visitor = new_visitor()
                report_clock(harness.clock, visitor)
                report_recorder(visitor, launcher, folder / "straight")
            cookies = harness.site_of({"app": COOKIES})
            report_lifetimes(
                lambda: harness.visitors(cookies, launcher),
                harness.clock,
                lambda: bare_lifetime(playwright, options, cookies, folder / f"bare-{next(numbers)}"),
                starts,
            )
            audited = harness.site_of({"app": AUDITED})
            args = launch_args(CHROMIUM, {}, playwright.chromium.executable_path, harness.sites.certificate)
            on_https = harness.launcher(CHROMIUM, playwright.chromium, args, context_args(CHROMIUM), starts.append)
            report_audit(audited, lambda: harness.visitors(audited, on_https), harness.clock, starts)
            report_firefox(harness, playwright.firefox)
        finally:
            harness.close()


def report_pairs(what: str, first: Step, first_name: str, second: Step, second_name: str) -> None:
    """Run both in turn and compare each pair; the first pair warms up."""
    pairs = [(seconds(first), seconds(second)) for _ in range(PAIRS + 1)][1:]
    ours, others = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    print(f"{what:<21}{ours:.2f} s {first_name}, {others:.2f} s {second_name} (medians of {PAIRS})")
    print(f"{'':<21}ratio {ratio:.2f}, pair by pair", flush=True)


def report_clock(clock: Clock, visitor: Visitor) -> None:
    visitor.goto("/")
    moves = [seconds(lambda: clock.advance(minutes=1)) for _ in range(MOVES)]
    print(f"a move of the clock: {statistics.median(moves) * 1000:.1f} ms under an open browser (median of {MOVES})")


def report_recorder(visitor: Visitor, launcher: Launcher, profile: Path) -> None:
    """What the recorder adds to a request: of a browser that asks it, and one that asks the site's own process.

    A visitor's request is told to the test besides, whose page has listeners for what is on its way.
    """
    there = visitor.site.recording.origin.address("http", "localhost", 80)
    plain = launcher.open(profile, {})
    try:
        straight, recorded = plain.pages[0], plain.new_page()
        straight.goto(f"http://localhost:{there.port}/")
        recorded.goto(visitor.site.url)
        visitor.goto("/")
        for how, asked in (("waits in Playwright", waiting), ("is busy in Python", busy)):
            visitors, ours, others = (statistics.median(asked(each)) for each in (visitor.page, recorded, straight))
            print(f"the recorder:        {ours - others:+.1f} ms a request while the test {how}")
            print(
                f"{'':<21}({ours:.1f} ms with it, {others:.1f} ms without, {visitors:.1f} ms a visitor's; "
                f"medians of {REQUESTS})",
                flush=True,
            )
    finally:
        plain.close()


def waiting(page: Page) -> list[float]:
    times: list[float] = page.evaluate(ASK, REQUESTS)
    return times


def busy(page: Page) -> list[float]:
    """Count in Python, as a test that computes something, until all have been answered."""
    page.evaluate(f"count => {{ window.took = null; ({ASK})(count).then(took => window.took = took) }}", REQUESTS)
    while True:
        until = time.perf_counter() + 1
        while time.perf_counter() < until:
            sum(range(1000))
        if times := page.evaluate("took"):
            return list(times)


def bare_lifetime(playwright: Playwright, options: dict[str, Any], site: Site, profile: Path) -> None:
    """One cookie reaches the site, and ends with the browser; without the harness there is no clock for an age."""
    context = playwright.chromium.launch_persistent_context(profile, **options)
    context.pages[0].goto(site.url + "/set/plain")
    context.pages[0].goto(site.url + "/")
    assert "plain" in context.pages[0].inner_text("body")
    context.close()
    context = playwright.chromium.launch_persistent_context(profile, **options)
    context.pages[0].goto(site.url + "/")
    assert "plain" not in context.pages[0].inner_text("body")
    context.close()


def report_lifetimes(
    visitors: Callable[[], AbstractContextManager[NewVisitor]], clock: Clock, bare: Step, starts: list[str]
) -> None:
    """Half of them end with the browser; the others' ages are proven on both sides of the end, visited and not."""
    lifetimes = [
        Lifetime(f"c{n}", set_by=f"/set/c{n}?age={n * 3600}", lasts=timedelta(hours=n))
        if n % 2
        else Lifetime(f"c{n}", set_by=f"/set/c{n}", lasts=WITH_THE_BROWSER)
        for n in range(LIFETIMES)
    ]

    def proven_at_once() -> None:
        with visitors() as new_visitor:
            verdicts = prove(lifetimes, new_visitor, clock)
        assert {verdict.outcome for verdict in verdicts.values()} == {"kept"}, verdicts

    before = len(starts)
    pairs = [(seconds(proven_at_once), seconds(bare), seconds(bare)) for _ in range(ROUNDS)]
    ours, bares = statistics.median(pair[0] for pair in pairs), statistics.median(t for pair in pairs for t in pair[1:])
    each = (len(starts) - before) / ROUNDS
    print(f"{LIFETIMES} lifetimes:       {ours:.1f} s in one schedule, with {each:g} browser starts;")
    print(f"{'':<21}{bares * LIFETIMES:.0f} s with a restart each in bare Playwright ({bares:.2f} s for one)")
    print(f"{'':<21}ratio {bares * LIFETIMES / ours:.1f} (medians of {ROUNDS})", flush=True)


def report_audit(
    site: Site, visitors: Callable[[], AbstractContextManager[NewVisitor]], clock: Clock, starts: list[str]
) -> None:
    """One audit of a site that keeps all that is asked, with all options declared."""
    before, began = len(starts), time.perf_counter()
    with (
        visitors() as new_visitor,
        clock.on_move(check=site.check_clock, before=site.await_exchanges, after=site.note_move),
    ):
        found = audit(declared(), site, new_visitor, clock)
    took = time.perf_counter() - began
    bad = {name: each.text for name, each in found.items() if each.outcome in ("failed", "not decidable")}
    assert not bad, bad
    print(
        f"a session audit:     {took:.1f} s for {len(found)} requirements, with {len(starts) - before} browser starts"
    )
    print(f"{'':<21}(one run; at most 25 s and 6 starts are asked of it)", flush=True)


def report_firefox(harness: Harness, firefox: BrowserType) -> None:
    try:
        options = find(FIREFOX, firefox.executable_path)
    except CookieproofError as error:
        print(f"Firefox's start:     not measured. {error}")
        return
    options["firefox_user_prefs"] = FIREFOX.prefs
    folder = harness.folder
    launcher = harness.launcher(FIREFOX, firefox, options, {}, template=folder / "firefox-template")

    def start(profile: Path) -> float:
        began = time.perf_counter()
        launcher.open(profile, {}).close()
        return time.perf_counter() - began

    def start_on_a_copy(profile: Path) -> float:
        began = time.perf_counter()
        launcher.prepare(profile)
        return time.perf_counter() - began + start(profile)

    fresh = [start(folder / f"firefox-{number}") for number in range(STARTS)]
    copied = [start_on_a_copy(folder / f"firefox-copy-{number}") for number in range(STARTS + 1)][1:]
    medians = [statistics.median(times) for times in (fresh, copied)]
    print(f"Firefox's start:     {medians[0]:.2f} s on a fresh profile, {medians[1]:.2f} s on a copy of one, made each")
    print(f"{'':<21}time, its end included (medians of {STARTS})")


if __name__ == "__main__":
    main()
