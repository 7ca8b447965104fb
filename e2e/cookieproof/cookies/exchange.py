"""Defines an exchange: one HTTP request and its response, as recorded between browser and site."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from cookieproof.cookies.parsing_rules import rules_of
from cookieproof.cookies.set_cookie import SetCookie, octets
from cookieproof.words import printable

__all__ = ["Exchange", "SetCookie", "cookie_pairs", "lines"]

ESCAPED = re.compile(rb"\\([0-3][0-7]{2}|.)", re.S)


@dataclass(frozen=True)
class Exchange:
    """One HTTP request that the recorder passed to the site, and the site's response.

    ``visitor`` and ``life`` are the numbers of the visitor that asked and of its life (None for a browser that is no
    visitor's), ``time`` is the site's clock (an aware UTC datetime) when the answer began, ``cookie`` is the
    ``Cookie`` header as received (None without one), ``set_cookies`` are the ``Set-Cookie`` headers as sent, in their
    order. ``scheme`` is "http" or "https". ``fetch_site``, ``fetch_mode`` and ``fetch_dest`` are the headers
    ``Sec-Fetch-Site``, ``-Mode`` and ``-Dest``: who asked for it, how and what for; None without them (browsers send
    them only to secure origins). ``location`` and ``clear_site_data`` are the ``Location`` and ``Clear-Site-Data``
    headers as sent, None without one.

    ``target`` is path and query as received, ``began`` the time of the request, and ``ended`` that of the response's
    last octet; None if unknown, or not yet. ``asked`` and ``answered`` are all headers of the request and of the
    response, name and value as they came, in their order. ``body`` is the response's and ``asked_body`` the request's,
    None without one, and unless bodies were kept then (``Bodies.keeping``).
    """

    visitor: int | None
    life: int | None
    time: datetime
    method: str
    host: str
    path: str
    status: int
    cookie: str | None
    set_cookies: tuple[SetCookie, ...]
    scheme: str = "http"
    fetch_site: str | None = None
    fetch_mode: str | None = None
    location: str | None = None
    clear_site_data: str | None = None
    fetch_dest: str | None = None
    target: str | None = None
    began: datetime | None = None
    ended: datetime | None = None
    asked: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)
    answered: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)
    body: bytes | None = field(default=None, compare=False, repr=False)
    asked_body: bytes | None = field(default=None, compare=False, repr=False)

    @property
    def is_cross_site_subrequest(self) -> bool:
        """Whether a page of another site sent the request for a frame or a resource, not to go to this page."""
        becomes_the_page = self.fetch_mode == "navigate" and self.fetch_dest in (None, "document")
        return self.fetch_site == "cross-site" and not becomes_the_page

    @property
    def clears_cookies(self) -> bool:
        """Whether the response's ``Clear-Site-Data`` deletes all cookies of the site (W3C Clear Site Data, 3.1).

        Browsers ignore a value without quotes.
        """
        return bool(self._cleared & {'"cookies"', '"*"'})

    @property
    def lacks_quotes(self) -> bool:
        """Whether the response's ``Clear-Site-Data`` names cookies without quotes, so that browsers ignore it."""
        return not self.clears_cookies and bool({each.strip("\"'") for each in self._cleared} & {"cookies", "*"})

    @property
    def _cleared(self) -> set[str]:
        return {each.strip() for each in (self.clear_site_data or "").split(",")}

    @property
    def cookies(self) -> dict[str, str]:
        """The request's cookies, decoded as Flask's ``request.cookies`` decodes them; of one name the first counts."""
        return dict(reversed(cookie_pairs(self.cookie or "")))

    def read_by(self, engine: str) -> Exchange:
        """Return the exchange with its ``Set-Cookie`` headers parsed by an engine's rules ("chromium", "firefox")."""
        rules = rules_of(engine)
        if all(cookie.rules is rules for cookie in self.set_cookies):
            return self
        return replace(self, set_cookies=tuple(replace(cookie, rules=rules) for cookie in self.set_cookies))

    def __str__(self) -> str:
        return f"{self.method} {printable(self.path)} at {self.time:%H:%M:%S} UTC, {self.status}"


def cookie_pairs(header: str) -> list[tuple[str, str]]:
    """Return the name and value of each cookie in a ``Cookie`` header, in order, duplicates included.

    A part without "=" is the value of a cookie without a name, as browsers send it (RFC 6265bis, 5.8.3);
    Flask takes it for a name, and ignores some cookies that browsers send (those with a blank, for example).
    A value in quotes is decoded as Flask's ``request.cookies`` decodes it.
    """
    pairs = []
    for part in filter(None, (each.strip(" \t") for each in header.split(";"))):
        name, equals, value = part.partition("=")
        pairs.append((name, unquoted(value)) if equals else ("", unquoted(name)))
    return pairs


def unquoted(value: str) -> str:
    """Return a value without quotes around it, its escapes decoded (``werkzeug.http.dump_cookie`` writes them)."""
    if len(value) < 2 or not (value.startswith('"') and value.endswith('"')):
        return value
    return ESCAPED.sub(_unescaped, octets(value[1:-1])).decode(errors="replace")


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 8)]) if len(found[1]) == 3 else found[1]


def lines(exchanges: Iterable[Exchange]) -> str:
    """Return the exchanges as text for a person, with their cookies, nothing cut."""
    text = []
    for exchange in exchanges:
        who = f"visitor {exchange.visitor}, life {exchange.life}" if exchange.visitor else "another browser"
        scheme = ", https" if exchange.scheme == "https" else ""
        text.append(f"{exchange} ({who}, {printable(exchange.host)}{scheme})")
        if exchange.cookie is not None:
            text.append(f"    Cookie: {printable(exchange.cookie)}")
        text += [f"    Set-Cookie: {printable(cookie.header)}" for cookie in exchange.set_cookies]
        if exchange.clear_site_data is not None:
            text.append(f"    Clear-Site-Data: {printable(exchange.clear_site_data)}")
        if exchange.location is not None:
            text.append(f"    Location: {printable(exchange.location)}")
    return "\n".join(text) + "\n" if text else ""
