"""Cookies as browsers hold them, and how each engine writes them to disk."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cookieproof import dates
from cookieproof.words import printable, shown


@dataclass(frozen=True)
class StoredCookie:
    """A cookie as a browser holds it.

    ``value`` is None where it cannot be read (on disk Chromium encrypts it), ``expires`` an
    aware UTC datetime, None for a cookie that ends with the browser. ``domain`` starts with
    a dot unless the cookie is host-only. ``same_site`` is "Strict", "Lax" or "None"; what a
    site left out is reported as the browser reports it.
    """

    name: str
    value: str | None
    domain: str
    path: str
    expires: datetime | None
    http_only: bool
    secure: bool
    same_site: str

    def is_for(self, host: str) -> bool:
        """Whether the cookie belongs to this host (domain-match, RFC 6265bis section 5.1.3)."""
        return host == self.domain or (self.domain.startswith(".") and f".{host}".endswith(self.domain))

    def __str__(self) -> str:
        until = f"until {self.expires:%Y-%m-%d %H:%M:%S} UTC" if self.expires else "until the browser closes"
        value = "" if self.value is None else f"={shown(self.value)}"
        return f"{shown(self.name)}{value} for {printable(self.domain + self.path)}, {until}"


def _read(database: Path, query: str, moment: Callable[[int], datetime | None]) -> list[StoredCookie]:
    """The cookies that the query finds: name, host, path, expiry, HttpOnly, Secure, SameSite."""
    if not database.exists():
        return []
    # In a copy, since reading a database that a crash left half-written would mend it.
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
        )
        for name, host, path, expires, http_only, secure, same_site in rows
    ]


def chromium(profile: Path) -> list[StoredCookie]:
    # Microseconds since 1601; 0 for a cookie that ends with the browser, which Chromium writes down too.
    start = datetime(1601, 1, 1, tzinfo=UTC)
    return _read(
        profile / "Default" / "Cookies",
        "SELECT name, host_key, path, expires_utc, is_httponly, is_secure, samesite FROM cookies",
        lambda expires: dates.later(start, expires / 1_000_000) if expires else None,
    )


def firefox(profile: Path) -> list[StoredCookie]:
    # Milliseconds since 1970; Firefox never writes down a cookie that ends with the browser.
    return _read(
        profile / "cookies.sqlite",
        "SELECT name, host, path, expiry, isHttpOnly, isSecure, sameSite FROM moz_cookies",
        lambda expires: dates.later(dates.EPOCH, expires / 1000),
    )
