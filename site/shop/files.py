"""Files that hold sessions: cachelib's, which would lose some without a word."""

from __future__ import annotations

import os
from typing import Any

from cachelib import FileSystemCache


class Files(FileSystemCache):
    """Raises OSError for a folder that is not there or cannot be read or written, which cachelib only logs.

    cachelib would answer that there is no such session, and a visitor whose session cannot be
    read at this moment would be signed out for good.
    """

    def __init__(self, folder: str) -> None:
        # By default it holds 500, and then deletes those that end first: people who are signed in.
        super().__init__(folder, threshold=0)
        self._folder = folder

    def get(self, key: str) -> Any:
        self._check()
        return super().get(key)

    def set(self, *args: Any, **options: Any) -> bool:
        self._check()
        if not super().set(*args, **options):
            raise OSError(f"nothing can be written in {self._folder}")
        return True

    def delete(self, key: str, mgmt_element: bool = False) -> bool:
        self._check()
        if not super().delete(key, mgmt_element):
            raise OSError(f"nothing can be deleted in {self._folder}")
        return True

    def _check(self) -> None:
        # As a directory's, X stands for reaching what is in it.
        if not os.access(self._folder, os.R_OK | os.W_OK | os.X_OK):
            raise OSError(f"{self._folder} is not there, or not ours to read and write")
