"""What really crossed between browser and site: one exchange a line, in a file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from werkzeug.http import parse_cookie

from cookieproof.set_cookie import SetCookie
from cookieproof.words import printable

__all__ = ["Exchange", "SetCookie", "append", "cookie_pairs", "lines", "read"]


@dataclass(frozen=True)
class Exchange:
    """One request that reached the app, and what the app answered.

    ``visitor`` and ``life`` number who asked (None for a browser that is no visitor's),
    ``time`` is the site's clock (an aware UTC datetime) when the answer began, ``cookie``
    is the ``Cookie`` header as received (None without one), ``set_cookies`` the
    ``Set-Cookie`` headers as sent, in their order. ``scheme`` is "http" or "https",
    ``fetch_site`` and ``fetch_mode`` the ``Sec-Fetch-Site`` and ``-Mode`` headers: who asked
    for it, and how; None where the browser does not say (it tells hosts that it trusts).
    ``location`` is the ``Location`` header as the app sent it, ``led_to`` what the browser got
    instead: the same with the port at which the harness serves https. Else they are None.
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
    led_to: str | None = None

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies received, decoded as Flask's ``request.cookies`` decodes them."""
        return dict(reversed(cookie_pairs(self.cookie or "")))

    def to_line(self) -> bytes:
        """One line of JSON, to be appended in one write."""
        fields = asdict(self) | {
            "time": self.time.timestamp(),
            "set_cookies": [cookie.header for cookie in self.set_cookies],
        }
        return json.dumps(fields).encode() + b"\n"

    @classmethod
    def from_line(cls, line: str) -> Exchange:
        fields = json.loads(line)
        fields["time"] = datetime.fromtimestamp(fields["time"], UTC)
        fields["set_cookies"] = tuple(map(SetCookie, fields["set_cookies"]))
        return cls(**fields)

    def __str__(self) -> str:
        return f"{self.method} {printable(self.path)} at {self.time:%H:%M:%S} UTC, {self.status}"


def cookie_pairs(header: str) -> list[tuple[str, str]]:
    """The names and values of a ``Cookie`` header, in order, decoded as Flask's ``request.cookies`` decodes them."""
    # werkzeug expects the header as PEP 3333 hands it over: its bytes read as Latin-1.
    return list(parse_cookie(header.encode(errors="replace").decode("latin-1")).items(multi=True))


def append(path: Path, exchange: Exchange) -> None:
    """Append atomically: several server processes may share the file."""
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


def lines(exchanges: Iterable[Exchange]) -> str:
    """The exchanges for a person to read, with the cookies that crossed, uncut."""
    text = []
    for exchange in exchanges:
        who = f"visitor {exchange.visitor}, life {exchange.life}" if exchange.visitor else "another browser"
        scheme = ", https" if exchange.scheme == "https" else ""
        text.append(f"{exchange} ({who}, {printable(exchange.host)}{scheme})")
        if exchange.cookie is not None:
            text.append(f"    Cookie: {printable(exchange.cookie)}")
        text += [f"    Set-Cookie: {printable(cookie.header)}" for cookie in exchange.set_cookies]
        if exchange.location is not None:
            led_to = (
                f" (led to {printable(exchange.led_to)}, where the harness serves https)" if exchange.led_to else ""
            )
            text.append(f"    Location: {printable(exchange.location)}{led_to}")
    return "\n".join(text) + "\n" if text else ""
