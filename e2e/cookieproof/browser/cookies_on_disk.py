"""Reads the cookies in the SQLite database of a closed browser's profile."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs

from cookieproof.cookies.stored_cookie import StoredCookie


def read(database: Path, query: str, moment: Callable[[int], datetime | None]) -> list[StoredCookie]:
    """Return the cookies that the SQL query finds in the database; ``moment`` converts the expiry to a datetime.

    The query selects name, host, path, expiry, HttpOnly, Secure, SameSite and partition. A database that is missing
    has no cookies.
    """
    if not database.exists():
        return []
    # Reads a copy: SQLite would repair a database that a crash left half-written.
    with tempfile.TemporaryDirectory() as folder:
        for file in database.parent.glob(f"{database.name}*"):
            shutil.copy(file, folder)
        connection = sqlite3.connect(Path(folder) / database.name)
        connection.text_factory = lambda octets: octets.decode(errors="replace")  # browsers keep what a site sent
        try:
            rows = connection.execute(query).fetchall()
        finally:
            connection.close()
    return [
        StoredCookie(
            name=name,
            value=None,
            domain=host,
            path=path,
            expires=moment(expires),
            http_only=bool(http_only),
            secure=bool(secure),
            same_site={0: "None", 2: "Strict"}.get(same_site, "Lax"),
            partition=partition_of(partition),
        )
        for name, host, path, expires, http_only, secure, same_site, partition in rows
    ]


def partition_of(key: str | None) -> str | None:
    """Return the site in a partition key as it is on disk; None for an empty key.

    Chromium stores the site as it is, Firefox in the origin's attributes, as
    ``^partitionKey=%28http%2Ctop.localhost%29``, with the port for a host that is no domain.
    """
    if not key or not key.startswith("^"):
        return key or None
    scheme, _, rest = parse_qs(key[1:]).get("partitionKey", [""])[0].strip("()").partition(",")
    return f"{scheme}://{rest.partition(',')[0]}" if rest else None
