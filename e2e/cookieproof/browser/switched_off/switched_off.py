"""Defines a feature that Playwright switches off or changes in a browser, with the reason and what that could hide."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

import playwright

# Reasons that several entries share.
NO_CALLS = "the browser's own calls, which no run is to make"
NO_QUESTIONS = "nobody is there to answer what the browser would ask or offer"
NO_EXTENSIONS = "each would start with the browser"
IN_PARALLEL = "a tab behind another would slow the test down"
WITHOUT_A_CLICK = "a test opens windows without a click"
# What is hidden in more than one engine.
HTTPS_FIRST = "whether people are led to https before their first request"
HIDDEN_TABS = "timers of a hidden tab that people's browser slows down: a page that signs out in the background"
POP_UPS = "a window that people's browser does not open, of a sign-in by a pop-up say"
EXTENSIONS = "what an extension does to a site's cookies"
WARNINGS = "the warning before a site that Google takes for phishing"


@dataclass(frozen=True)
class SwitchedOff:
    """Features that Playwright switches off: flags, features of ``--disable-features``, or preferences of Firefox.

    ``names`` are as Playwright spells them. ``why`` is the reason, as a clause. ``hides`` is what no check sees
    because of it, as a clause; empty where no page notices. With ``on``, a visitor's browser has them on, as people's
    browsers do.
    """

    names: tuple[str, ...]
    why: str
    hides: str = ""
    on: bool = False


def flags() -> list[str]:
    """Return Playwright's flags that switch something off in Chromium, except ``--disable-features``."""
    switches = _between("chromiumSwitches = (options) => [", "].filter(Boolean)")
    named = re.findall(r'"(--[\w-]+)(?=["=])', switches)
    off = [each for each in named if re.match("--no-|--(unsafely-)?disable-", each) and each != "--disable-features"]
    return [*dict.fromkeys(off)]


def features() -> list[str]:
    """Return the features that Playwright names in Chromium's ``--disable-features``."""
    return re.findall(r'^ *"(\w+)"', _between("disabledFeatures = [", "]"), re.M)


def preferences() -> list[str]:
    """Return the preferences that Playwright sets in a Firefox that it drives over WebDriver BiDi."""
    return re.findall(r'^ *"([\w.-]+)":', _between("const defaultPrefs = {", "\n  };"), re.M)


@functools.cache
def _between(start: str, end: str) -> str:
    """Return the text between ``start`` and ``end`` in Playwright's driver; an empty text if it is not there."""
    # Playwright lists them only in its source (github.com/microsoft/playwright/issues/36658).
    source = Path(playwright.__file__).parent / "driver" / "package" / "lib" / "coreBundle.js"
    text = source.read_text("utf-8") if source.exists() else ""
    return text.partition(start)[2].partition(end)[0]
