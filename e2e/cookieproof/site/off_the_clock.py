"""Finds the processes of a site that do not follow the clock."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

from cookieproof.errors import DeadlineExceeded, wait_until
from cookieproof.site.process_group import has_mapped, lives

# Between its fork and its exec, or before its libraries are loaded, a process has not mapped the offset yet.
STARTED_SECONDS = 1.0


def off_the_clock(look: Callable[[], list[str]]) -> list[str]:
    """Return the processes that ``look`` finds to be off the clock; one that has just started gets a second."""
    off: list[str] = []

    def all_are_on() -> bool:
        off[:] = look()
        return not off

    with contextlib.suppress(DeadlineExceeded):
        wait_until(all_are_on, "each process of the site to be on the clock", STARTED_SECONDS)
    return off


def not_mapped(processes: Iterable[psutil.Process], offset_file: Path) -> list[str]:
    """Return the living processes that have not mapped the clock's offset file, each as ``name (pid)``.

    Such are static binaries, processes with a cleaned environment, and processes of another user.
    """
    names = []
    for each in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if not has_mapped(each, offset_file) and lives(each):
                names.append(f"{each.name()} ({each.pid})")
    return names


def descendants(pid: int) -> list[psutil.Process]:
    """Return the process of this id and all processes that it has started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []
