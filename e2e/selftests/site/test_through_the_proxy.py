"""Through the harness's proxy a site gets what it gets without, and each other difference is documented"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page

from cookieproof import Clock, Site, Visitor
from cookieproof.browser.launcher import Launcher
from cookieproof.errors import wait_until
from cookieproof.visitor import icons
from selftests.support.command import PYTHON, SECONDS

pytestmark = pytest.mark.site("../apps/through_the_proxy.py:create_app", hosts=["www.shop.example"])
REAL = "www.shop.example"
OPEN = """() => {
  window.open_sockets = 0;
  window.sockets = [...Array(40)].map(() => new WebSocket(`ws://${location.host}/socket`));
  for (const each of sockets) each.onopen = () => window.open_sockets++;
}"""
# Firefox and Chromium open 6 for each host.
HANG = """port => {
  for (let host = 0; host < 8; host++)
    for (let number = 0; number < 5; number++)
      void fetch(`http://host-${host}.localhost:${port}/hangs?${number}`, {mode: "no-cors"}).catch(() => null);
}"""
REACHES = """url => fetch(url, {mode: "no-cors"}).then(answer => answer.type, error => String(error))"""


@pytest.mark.every_engine
def test_what_a_browser_makes_of_real_names(visitor: Visitor, site: Site) -> None:
    visitor.goto(f"https://{REAL}/")
    visitor.goto(f"http://{REAL}/")
    asked = [each.scheme for each in visitor.wire]
    assert asked == ["https", "http" if visitor.engine.no_hsts else "https"]
    # Names that lead to this machine keep none.
    visitor.goto(site.https.at("shop.localhost"))
    visitor.goto(site.at("shop.localhost", https=False))
    assert [each.scheme for each in visitor.wire[2:]] == ["https", "http"]

    # A page of the internet asks this machine for something, and nobody is asked to permit it.
    visitor.goto(f"{asked[-1]}://{REAL}/told")
    assert visitor.page.evaluate(REACHES, f"http://127.0.0.1:{urlsplit(site.at('localhost')).port}/") == "opaque"


def test_how_many_web_sockets_are_open_at_once(visitor: Visitor) -> None:
    visitor.goto("/told")
    visitor.page.evaluate(OPEN)
    all_open = not visitor.engine.few_web_sockets
    least = 40 if all_open else 32
    wait_until(lambda: visitor.page.evaluate("open_sockets") >= least, f"{least} sockets", SECONDS)
    assert visitor.page.evaluate("fetch('/told').then(answer => answer.ok)")  # which comes after what could be opened
    assert (visitor.page.evaluate("open_sockets") == 40) is all_open


@pytest.mark.every_engine
def test_how_many_connections_are_open_at_once(visitor: Visitor, site: Site) -> None:
    visitor.goto("/told")
    visitor.page.evaluate(HANG, urlsplit(site.url).port)

    def hanging() -> int:
        visitor.page.evaluate("0")  # a round trip, in which the browser goes on
        with urlopen(f"{site.url}/told", timeout=SECONDS) as answer:
            return int(json.load(answer)["hanging"])

    least = 32 if visitor.engine.few_web_sockets else 40
    try:
        wait_until(lambda: hanging() >= least, f"{least} connections", SECONDS)
    finally:
        urlopen(f"{site.url}/release", timeout=SECONDS).close()


@pytest.mark.whole_browser
def test_the_clock_waits_for_the_icon_that_a_page_names(
    visitor: Visitor, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def visit() -> None:
        # The browser asks for the icon a moment after the load; under this name Playwright never tells of it.
        visitor.page.goto(f"{visitor.url}/with-an-icon", wait_until="commit")

    before = clock.now()
    visit()
    clock.advance(hours=1)
    [asked] = visitor.goto("/told").json()["icons"]
    assert asked - before.timestamp() < 3600
    [exchange] = [each for each in visitor.wire if each.path == "/static-icons/favicon.ico"]
    assert exchange.set_cookies and exchange.visitor == visitor.number
    assert visitor.sent() == {}  # for it was the icon that has set it, an hour ago

    clock.advance(days=8)  # after which it is asked for anew
    again = clock.now()
    visit()
    clock.advance(hours=1)
    [_, asked] = visitor.goto("/told").json()["icons"]
    assert asked - again.timestamp() < 3600
    monkeypatch.setattr(icons, "wait_until", lambda *_: pytest.fail("this waits for an icon that the browser has"))
    visit()
    clock.advance(hours=1)
    assert len(visitor.goto("/told").json()["icons"]) == 2


ASK = """() => Promise.all([["/asked?q=%20", {}], ["/posted", {method: "POST", body: "é"}]].map(
  ([url, init]) => fetch(url, init).then(answer => answer.json())))"""
FORWARDED = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port"]


def told_to(page: Page, url: str) -> list[Any]:
    """What the site of this URL tells of a visit, of a request of the page and of one with a body."""
    page.goto(url)
    page.goto(url)
    told = [json.loads(page.inner_text("pre")), *page.evaluate(ASK)]
    return json.loads(json.dumps(told).replace(f"localhost:{urlsplit(url).port}", "localhost"))  # type: ignore[no-any-return]


@pytest.mark.site(command=f"{PYTHON} e2e/selftests/apps/tells_headers.py {{port}}")
def test_a_site_gets_what_it_gets_from_a_browser_without_the_proxy(
    visitor: Visitor, _launcher: Callable[..., Launcher], tmp_path: Path
) -> None:
    visited = told_to(visitor.page, visitor.url)
    launcher = _launcher({})
    launcher.prepare(tmp_path / "profile")
    context = launcher.open(tmp_path / "profile", {})
    try:
        straight = told_to(context.pages[0], f"http://localhost:{visited[0][3]}")
    finally:
        context.close()
    assert [name for name, _ in visited[0][2][-4:]] == FORWARDED
    assert [[line, body, headers[:-4]] for line, body, headers, _ in visited] == [each[:3] for each in straight]
    assert ["Cookie", "seen=1"] in straight[0][2] and straight[2][1] == "é"
