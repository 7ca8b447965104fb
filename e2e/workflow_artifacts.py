"""What a rehearsed workflow's jobs leave for each other: the artifacts that GitHub would keep, as folders here."""

from __future__ import annotations

import fnmatch
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cookieproof.errors import CookieproofError

UPLOAD, DOWNLOAD = "actions/upload-artifact@", "actions/download-artifact@"


class Artifacts:
    """The artifacts of all jobs, each in a folder below this one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()

    def take(self, step: Mapping[str, Any], clone: Path) -> str:
        """Do what the step does with artifacts in the clone, and return what that is; "" for another action.

        Raises ``CookieproofError`` where GitHub would fail the step.
        """
        action, given = step["uses"], step["with"]
        if action.startswith(UPLOAD):
            return self._upload(given["name"], given["path"].split(), clone, given.get("if-no-files-found") == "error")
        if action.startswith(DOWNLOAD):
            return self._download(given["pattern"], clone / given["path"])
        return ""

    def _upload(self, name: str, paths: list[str], clone: Path, must_be_there: bool) -> str:
        """One folder, without what is below those that begin with "!"."""
        [path] = [each for each in paths if not each.startswith("!")]
        without = {clone / each[1:] for each in paths if each.startswith("!")}
        if not (clone / path).is_dir():
            if must_be_there:
                raise CookieproofError(f"The artifact {name} has no files: there is no {path}.")
            return f"{name}: no files"
        if (self._folder / name).exists():
            raise CookieproofError(f"There is an artifact {name} already: each job needs a name of its own.")
        shutil.copytree(
            clone / path,
            self._folder / name,
            ignore=lambda folder, names: {each for each in names if Path(folder, each) in without},
        )
        return f"kept {path} as {name}"

    def _download(self, pattern: str, to: Path) -> str:
        """Each artifact in a folder of its name."""
        found = [each for each in sorted(self._folder.iterdir()) if fnmatch.fnmatchcase(each.name, pattern)]
        for each in found:
            shutil.copytree(each, to / each.name)
        return f"got {', '.join(each.name for each in found) or 'nothing'}"
