"""What Playwright switches off is known, and what decides about what people see is on for visitors"""

from collections.abc import Callable
from urllib.parse import quote

import psutil
import pytest

from cookieproof import Site, Visitor
from cookieproof.browser.engines import ENGINES
from cookieproof.browser.pages import evaluate
from cookieproof.browser.switched_off import switched_off
from cookieproof.browser.switched_off.switched_off import SwitchedOff
from selftests.support.documents import DOCS, table

# What Playwright's own source says, by the engine whose table has it.
BY_PLAYWRIGHT: dict[str, Callable[[], list[str]]] = {
    "chromium": lambda: [*switched_off.flags(), *switched_off.features()],
    "firefox": switched_off.preferences,
}


@pytest.mark.parametrize("engine", BY_PLAYWRIGHT)
def test_the_table_has_what_playwright_switches_off(engine: str) -> None:
    names = [name for each in ENGINES[engine].by_playwright for name in each.names]
    theirs = BY_PLAYWRIGHT[engine]()
    assert len(theirs) > 40, "its source is written otherwise now, and cannot be read"
    assert sorted(names) == sorted(theirs), f"Playwright has changed: mend browser/switched_off/{engine}.py"


@pytest.mark.parametrize("engine", BY_PLAYWRIGHT)
def test_the_document_shows_the_table(engine: str) -> None:
    shown = table(DOCS / "browsers.md", f"In {ENGINES[engine].title}")
    assert shown == [_row(each) for each in ENGINES[engine].by_playwright]


def _row(entry: SwitchedOff) -> list[str]:
    hides = f"*on for visitors*; else: {entry.hides}" if entry.on else entry.hides or "nothing"
    return [", ".join(f"`{name}`" for name in entry.names), entry.why, hides]


def _command_line(of: int) -> list[str]:
    return list(psutil.Process(of).cmdline())


@pytest.mark.whole_browser
@pytest.mark.site("../apps/frames.py:create_app")
def test_what_is_on_for_a_visitor_is_on(visitor: Visitor, site: Site) -> None:
    """The back/forward cache, and storage of a frame of another site that is its own in each page."""
    other = site.at("b.localhost")
    visitor.goto("/", host="b.localhost")
    evaluate(visitor.page, "localStorage.setItem('seen', 'there')")
    visitor.goto(f"/?of={quote(other, safe='')}/nested", host="a.localhost")
    [frame] = visitor.page.main_frame.child_frames
    assert evaluate(frame, "({...localStorage})") == {}
    assert visitor.lives.pid
    command_line = _command_line(visitor.lives.pid)
    names = [name for each in ENGINES["chromium"].by_playwright if each.on for name in each.names]
    assert names == ["--disable-back-forward-cache", "ThirdPartyStoragePartitioning"]
    assert "--disable-back-forward-cache" not in command_line
    assert "--disable-extensions" in command_line
    *_, features = [each for each in command_line if each.startswith("--disable-features=")]
    assert "ThirdPartyStoragePartitioning" not in features
    assert "HttpsUpgrades" in features
