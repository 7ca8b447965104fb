"""The file in which a site's process writes its exchanges down, one a line."""

from __future__ import annotations

import os
from pathlib import Path

from cookieproof.cookies.exchange import Exchange


def append(path: Path, exchange: Exchange) -> None:
    """Append atomically: several processes may share the file."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, exchange.to_line())
    finally:
        os.close(file)


def read(path: Path, start: int = 0) -> tuple[list[Exchange], int]:
    """The exchanges in the file from byte ``start`` on, oldest first, and the byte where the last of them ends."""
    with path.open("rb") as file:
        file.seek(start)
        whole, newline, _ = file.read().rpartition(b"\n")
    return [Exchange.from_line(line) for line in whole.decode().splitlines()], start + len(whole + newline)
