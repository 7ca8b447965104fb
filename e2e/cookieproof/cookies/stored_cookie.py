"""Defines a cookie that a browser holds, in memory or on disk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from cookieproof.cookies.matching import domain_matches
from cookieproof.words import printable, shown


@dataclass(frozen=True)
class StoredCookie:
    """A cookie that a browser holds.

    ``value`` is None where it cannot be read (on disk Chromium encrypts it), ``expires`` an aware UTC datetime, None
    for a cookie that ends with the browser. ``domain`` starts with a dot unless the cookie is host-only. ``same_site``
    is "Strict", "Lax" or "None"; what a site left out is reported as the browser reports it. ``partition`` is the
    top-level site of a partitioned cookie (CHIPS), ``http://top.localhost``: the cookie is sent only within pages of
    that site; None for a cookie in no partition, and for all cookies of an open Firefox.
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

    def domain_matches(self, host: str) -> bool:
        """Return whether the cookie is sent to this host."""
        return domain_matches(self.domain, host)

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


def decoded_name(name: str) -> str:
    """Return a cookie's name as the site set it: Firefox's driver reports the octets of the name as Latin-1."""
    try:
        return name if name.isascii() else name.encode("latin-1").decode()
    except UnicodeError:  # it was reported in UTF-8
        return name
