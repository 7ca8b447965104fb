"""Cookies as browsers hold them, and how each engine writes them to disk."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cookieproof import dates
from cookieproof.words import printable, shown


@dataclass(frozen=True)
class StoredCookie:
    """A cookie as a browser holds it.

    ``value`` is None where it cannot be read (on disk Chromium encrypts it), ``expires`` an
    aware UTC datetime, None for a cookie that ends with the browser. ``domain`` starts with
    a dot unless the cookie is host-only. ``same_site`` is "Strict", "Lax" or "None"; what a
    site left out is reported as the browser reports it. ``partition`` is the site of the page in
    whose frames alone it is sent (``http://top.localhost``; CHIPS, the attribute ``Partitioned``);
    None for a cookie in no partition, and for all that an open Firefox tells of.
    """

    name: str
    value: str | None
    domain: str
    path: str
    expires: datetime | None
    http_only: bool
    secure: bool
    same_site: str
    partition: str | None = None

    def is_for(self, host: str) -> bool:
        """Whether the cookie belongs to this host (domain-match, RFC 6265bis section 5.1.3)."""
        return host == self.domain or (self.domain.startswith(".") and f".{host}".endswith(self.domain))

    def __str__(self) -> str:
        until = f"until {self.expires:%Y-%m-%d %H:%M:%S} UTC" if self.expires else "until the browser closes"
        value = "" if self.value is None else f"={shown(self.value)}"
        return f"{shown(self.name)}{value} for {printable(self.domain + self.path)}{self.where}, {until}"

    @property
    def where(self) -> str:
        """``" in frames of top.localhost"`` for a cookie in a partition, else an empty text."""
        if not self.partition:
            return ""
        around = urlsplit(self.partition).hostname or self.partition
        is_its_own = f".{self.domain.removeprefix('.')}".endswith(f".{around}")
        return f" in {'pages' if is_its_own else 'frames'} of {printable(around)}"


def told_name(name: str) -> str:
    """The name of a cookie as a driver tells it: that of Firefox takes the octets of a name for Latin-1."""
    try:
        return name if name.isascii() else name.encode("latin-1").decode()
    except UnicodeError:  # it was told right
        return name


def _read(database: Path, query: str, moment: Callable[[int], datetime | None]) -> list[StoredCookie]:
    """The cookies that the query finds: name, host, path, expiry, HttpOnly, Secure, SameSite, partition."""
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
            partition=partition_of(partition),
        )
        for name, host, path, expires, http_only, secure, same_site, partition in rows
    ]


def partition_of(key: str | None) -> str | None:
    """The site that a partition belongs to.

    Chromium writes it as it is, Firefox among the origin's attributes, as
    ``^partitionKey=%28http%2Ctop.localhost%29``, with the port where a host is no domain's.
    """
    if not key or not key.startswith("^"):
        return key or None
    scheme, _, rest = parse_qs(key[1:]).get("partitionKey", [""])[0].strip("()").partition(",")
    return f"{scheme}://{rest.partition(',')[0]}" if rest else None


def chromium(profile: Path) -> list[StoredCookie]:
    # Microseconds since 1601; 0 for a cookie that ends with the browser, which Chromium writes down too.
    start = datetime(1601, 1, 1, tzinfo=UTC)
    return _read(
        profile / "Default" / "Cookies",
        "SELECT name, host_key, path, expires_utc, is_httponly, is_secure, samesite, top_frame_site_key FROM cookies",
        lambda expires: dates.later(start, expires / 1_000_000) if expires else None,
    )


def firefox(profile: Path) -> list[StoredCookie]:
    # Milliseconds since 1970; Firefox never writes down a cookie that ends with the browser.
    return _read(
        profile / "cookies.sqlite",
        "SELECT name, host, path, expiry, isHttpOnly, isSecure, sameSite, originAttributes FROM moz_cookies",
        lambda expires: dates.later(dates.EPOCH, expires / 1000),
    )
