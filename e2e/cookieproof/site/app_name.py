"""Checks the name of an app, which is spelled as ``flask --app`` spells it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from cookieproof.errors import CookieproofError, did_you_mean


def check_app(app: str, root: Path, option: str) -> None:
    """Raise ``CookieproofError`` unless the file or module that ``app`` names exists. Nothing is imported."""
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
