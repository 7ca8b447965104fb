"""The paths and contents of the harness's own pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from cookieproof.cookies.exchange import Exchange, SetCookie, cookie_pairs

FAVICON = "/favicon.ico"
OWN_PATHS = "/.cookieproof/"
BLANK, COOKIE_INSPECTOR = (OWN_PATHS + name for name in ("blank", "cookies"))
# An Accept header needs no CORS preflight, so one page can ask for all hosts of its site.
PROBE = "application/x-cookieproof-probe"
BLANK_PAGE = (
    "<!doctype html><title>cookieproof</title><body style='font: 16px system-ui; color: gray'>"
    "From this tab the test asks which cookies the browser sends."
)


def cookie_inspector_data(
    header: str | None, exchanges: Iterable[Exchange], visitor: int | None, host: str, now: datetime
) -> dict[str, Any]:
    """Return the data of the cookie inspector: each cookie of a ``Cookie`` header, and what the site last set it to."""
    said = {
        cookie.name: (exchange, cookie)
        for exchange in exchanges
        for cookie in exchange.set_cookies
        if exchange.visitor == visitor and exchange.host == host
    }
    cookies = [
        {"name": name, "value": value, "notes": _notes(*said[name]) if name in said else ["not set by a response"]}
        for name, value in cookie_pairs(header or "")
    ]
    return {"cookies": cookies, "clock": f"{now:%A %d %B %Y, %H:%M:%S} UTC"}


def _notes(exchange: Exchange, cookie: SetCookie) -> list[str]:
    """Return sentences for a person that explain a ``Set-Cookie``."""
    expires, attributes = cookie.held_until(exchange.time), cookie.attributes
    lives = f"until {expires:%A %d %B %Y, %H:%M:%S} UTC" if expires else "until the browser closes"
    reach = "out of reach of scripts" if "httponly" in attributes else "scripts can read and change it"
    secure = ", only over https" if "secure" in attributes else ""
    return [
        f"lives {lives}",
        f"{reach}, SameSite {cookie.same_site or 'left out'}, for {cookie.path(exchange.path)}{secure}",
    ]
