"""``playwright.config.py``: which site, which browser, where the artifacts go.

The file is plain Python in pytest's root folder. It may define ``web_server`` (a
``WebServer``), ``use`` (a ``Use``) and ``output_dir``; a command-line option wins over it.
"""

from __future__ import annotations

import importlib.util
import runpy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from cookieproof.engines import ENGINES
from cookieproof.errors import CookieproofError, did_you_mean

FILE = "playwright.config.py"


class WebServer(TypedDict, total=False):
    """The site: ``app`` as ``flask --app`` spells it, Flask ``config`` values of any type, and ``env`` variables.

    ``{tmp}`` in a text of ``config`` or ``env`` is a fresh folder, one per worker.
    """

    app: str
    config: dict[str, Any]
    env: dict[str, str]


class Use(TypedDict, total=False):
    """The browser: ``browser`` is the engine's name, as for ``--browser``."""

    browser: str


@dataclass(frozen=True)
class Settings:
    """The file's values; every one has a default."""

    web_server: WebServer = field(default_factory=WebServer)
    use: Use = field(default_factory=Use)
    output_dir: str = "test-results"


def load(root: Path) -> Settings:
    """Read the file in ``root``; without one, the defaults. Raises ``CookieproofError`` for what it can't mean."""
    path = root / FILE
    if not path.exists():
        return Settings()
    try:
        found = runpy.run_path(str(path))
    except Exception as error:
        raise CookieproofError(f"{FILE} cannot be read: {type(error).__name__}: {error}") from error
    values = {name: value for name, value in found.items() if name in Settings.__annotations__}
    for name, value in found.items():
        # The file may have helpers of its own; data that is named nearly like a setting is meant to be one.
        near = did_you_mean(name, Settings.__annotations__)
        if near and name not in values and isinstance(value, str | dict):
            raise CookieproofError(f"{FILE} knows no {name!r}.{near}")
    _check_type("output_dir", values.get("output_dir", ""), str)
    web_server, use = values.get("web_server", {}), values.get("use", {})
    _check_keys("web_server", web_server, {"app": str, "config": dict, "env": dict})
    _check_keys("use", use, {"browser": str})
    if (browser := use.get("browser", "chromium")) not in ENGINES:
        raise CookieproofError(f"{FILE}: use['browser'] is {browser!r}; allowed: {', '.join(ENGINES)}.")
    return Settings(**values)


def _check_keys(name: str, value: object, allowed: Mapping[str, type]) -> None:
    _check_type(name, value, dict)
    assert isinstance(value, dict)
    for key, entry in value.items():
        if key not in allowed:
            choices = ", ".join(allowed)
            raise CookieproofError(f"{FILE}: {name} has no {key!r}; allowed: {choices}.{did_you_mean(key, allowed)}")
        _check_type(f"{name}[{key!r}]", entry, allowed[key])


def _check_type(name: str, value: object, wanted: type) -> None:
    if not isinstance(value, wanted):
        raise CookieproofError(f"{FILE}: {name} is {value!r}, which is no {wanted.__name__}.")


def check_app(app: str, root: Path, option: str) -> None:
    """Raise ``CookieproofError`` unless the file or module that ``app`` names is there. Nothing is imported."""
    place = app.partition(":")[0]
    base, top = root / place, place.partition(".")[0]
    is_module = place and "/" not in place and not place.endswith(".py")
    if place and (base.exists() or base.with_name(base.name + ".py").exists()):
        return
    if is_module and ((root / top).exists() or (root / f"{top}.py").exists() or importlib.util.find_spec(top)):
        return
    near = [str(path.relative_to(root)) for path in base.parent.glob("*")] if base.parent.exists() else []
    raise CookieproofError(
        f'{option} names "{app}", but there is no "{place}" in {root}.{did_you_mean(place, near)} '
        'Spell it as flask --app does: "path/or.module:factory".'
    )
