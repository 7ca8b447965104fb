"""Makes one temporary folder for a run, and removes the folders of runs that were killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cookieproof.errors import wait_until

PREFIX = "cookieproof-"
# Chromium adds 45 characters for a socket's path, which may have 103 (macOS) or 107 characters (Linux).
LONGEST_BASE = 103 - 45 - len("/" + PREFIX + "12345678")

# A file system in memory. On a disk a life of Chromium costs a quarter more: it makes some 200 files.
IN_MEMORY = Path("/dev/shm")
FREE_BYTES = 2 * 2**30  # a container may have 64 MB there


class RunFolder:
    """A temporary folder on which this process holds a lock, which the system releases when the process ends.

    The folder is in TMPDIR, if that is set; else in memory, if there is room, or in the system's temporary folder.
    """

    def __init__(self) -> None:
        # Renamed to the prefix that ``sweep`` looks for only when the lock is held.
        made = Path(tempfile.mkdtemp(prefix="new-" + PREFIX, dir=_base()))
        self._lock = os.open(made, os.O_RDONLY)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.path = made.rename(made.with_name(made.name.removeprefix("new-")))

    def close(self) -> None:
        """Remove the folder. A process that is ending may still write to it, so removing is tried for 10 s."""
        wait_until(lambda: _removed(self.path), f"{self.path} to be removed", 10)
        os.close(self._lock)


def sweep() -> None:
    """Remove the run folders of killed runs: those on which no process holds a lock."""
    for path in (path for base in {IN_MEMORY, _temporary()} for path in base.glob(PREFIX + "*")):
        with suppress(OSError):  # another user's, or swept by another run at this moment
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(lock)


@contextmanager
def own_temporary_folder() -> Iterator[Path]:
    """For the block, make a folder that is TMPDIR, and remove it after: Playwright leaves files if a start fails."""
    folder, before = RunFolder(), os.environ.get("TMPDIR")
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder.path)
    try:
        yield folder.path
    finally:
        tempfile.tempdir = None
        os.environ.pop("TMPDIR")
        if before is not None:
            os.environ["TMPDIR"] = before
        folder.close()


def once_a_run(file: Path, make: Callable[[], str]) -> str:
    """Return the result of ``make()``: the run's first worker calls it, the others read it from ``file``."""
    with file.open("a+") as shared:
        fcntl.flock(shared, fcntl.LOCK_EX)  # released by the system, too, if the worker dies
        shared.seek(0)
        if not (told := shared.read()):
            told = make()
            shared.write(told)
    return told


def _base() -> Path:
    if not os.environ.get("TMPDIR") and _has_room(IN_MEMORY):
        return IN_MEMORY
    return _temporary()


def _temporary() -> Path:
    return Path(tempfile.gettempdir() if len(tempfile.gettempdir()) <= LONGEST_BASE else "/tmp")


def _has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK) and shutil.disk_usage(folder).free >= FREE_BYTES


def _removed(path: Path) -> bool:
    shutil.rmtree(path, ignore_errors=True)
    return not path.exists()
