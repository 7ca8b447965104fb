"""Virtual environments for the tests, which take what this run has instead of unpacking and compiling it again."""

from __future__ import annotations

import re
import site
import sys
import sysconfig
from collections.abc import Collection, Iterable
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

PACKAGES = Path(site.getsitepackages()[0])
LIBRARY = Path(sysconfig.get_path("stdlib"))


def share_compiled(pycache: Path, packages: Path = PACKAGES) -> None:
    """Have a PYTHONPYCACHEPREFIX hold what this run compiles: Python's library, and its packages as ``packages``."""
    if not sys.pycache_prefix:
        return
    for there, here in ((packages, PACKAGES), (LIBRARY, LIBRARY)):
        link, compiled = pycache / there.relative_to("/"), Path(sys.pycache_prefix) / here.relative_to("/")
        compiled.mkdir(parents=True, exist_ok=True)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(compiled, target_is_directory=True)


def link_packages(requirements: Iterable[str], folder: Path, but: Collection[str]) -> None:
    """Make a folder of links to what these requirements need, one after another, and to nothing else.

    On Python's path it tells pip that all of it is installed. What ``but`` names, in lower case, is left to pip.
    """
    folder.mkdir()
    names = [_name(each) for each in requirements]
    for name in names:  # which grows
        found = distribution(name)
        needed = [Requirement(each) for each in found.requires or ()]
        names += [
            key
            for each in needed
            if (key := _name(each.name)) not in names and (not each.marker or each.marker.evaluate({"extra": ""}))
        ]
        if name not in but:
            for top in {path.parts[0] for path in found.files or ()} - {"..", "__pycache__"}:
                (folder / top).symlink_to(PACKAGES / top)


def _name(requirement: str) -> str:
    """A package's name in lower case, as a list of requirements begins with it."""
    found = re.match(r"[\w.-]+", requirement)
    assert found, requirement
    return found[0].lower()
