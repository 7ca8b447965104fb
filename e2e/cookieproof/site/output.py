"""Keeps the output of a site's process in a file, to which each start appends."""

from __future__ import annotations

from pathlib import Path

MOST_LINES = 12  # of what a process said last


class Output:
    """The file of standard output and standard error, and the position in it at which the present start began."""

    def __init__(self, file: Path) -> None:
        self.file = file
        file.touch()
        self._start = 0

    def begin(self) -> None:
        """Note that output from now on belongs to another start."""
        self._start = self.file.stat().st_size

    @property
    def last_lines(self) -> str:
        """The last lines of output of the present start, indented; an empty text if there are none."""
        return last_lines(self.file.read_bytes()[self._start :].decode(errors="replace"))

    @property
    def said(self) -> str:
        """A sentence with the last lines, for an error about a process that still runs."""
        said = self.last_lines
        return f"It said last:\n{said}" if said else "It said nothing."

    @property
    def advice(self) -> str:
        """A sentence with the last lines, for an error about a process that has ended."""
        said = self.last_lines
        return f"Mend what it said last:\n{said}" if said else "It said nothing."


def last_lines(said: str) -> str:
    """Return the last 12 lines of a text, indented."""
    return "\n".join(f"    {line}" for line in said.strip().splitlines()[-MOST_LINES:])
