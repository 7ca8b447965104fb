"""The harness's own pages, at ports of their own, and what answers when they ask which cookies a browser sends."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from werkzeug import Response

from cookieproof.cookies.exchange import Exchange, SetCookie, cookie_pairs
from cookieproof.site.sockets import Sockets
from cookieproof.site.wire_file import read
from cookieproof.site.wsgi_request import asked_host, asker, cookie_header

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

FAVICON = "/favicon.ico"
OWN_PATHS = "/.cookieproof/"
BLANK, COOKIE_INSPECTOR = (OWN_PATHS + name for name in ("blank", "cookies"))
# An Accept header needs no preflight, so one page can ask for all hosts of its site.
PROBE = "application/x-cookieproof-probe"
BLANK_PAGE = (
    "<!doctype html><title>cookieproof</title><body style='font: 16px system-ui; color: gray'>"
    "From this tab the test asks which cookies the browser sends."
)


class OwnPages:
    """Answers every path of every host of the site, so that a browser sends what it would send to the app.

    Cookies know no port (RFC 6265bis, 8.5), while service workers, storage and policies belong to an
    origin: nothing of the site's reaches these pages or answers in their place. No route runs.
    """

    def __init__(self, wire: Path, ports: Sockets[int]) -> None:
        self._wire, self._ports = wire, (ports.own_http, ports.own_https)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self._answer(environ)
        answer.headers["Cache-Control"] = "no-store"
        # For the harness's pages alone: a script of the site's could read here what is HttpOnly.
        if (origin := environ.get("HTTP_ORIGIN", "")) and _port(origin) in self._ports:
            answer.headers |= {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
        return answer(environ, start_response)

    def _answer(self, environ: WSGIEnvironment) -> Response:
        path = environ["PATH_INFO"]
        if environ.get("HTTP_ACCEPT") == PROBE:
            return Response(json.dumps(cookie_header(environ) or ""), content_type=PROBE)
        if path == COOKIE_INSPECTOR:
            return Response(Path(__file__).with_name("cookie_inspector.html").read_text(), mimetype="text/html")
        if path == f"{COOKIE_INSPECTOR}.json":
            visitor, host = asker(environ)[0], asked_host(environ)
            exchanges = read(self._wire)[0]
            return _as_json(explained(cookie_header(environ), exchanges, visitor, host, datetime.now(UTC)))
        if path == FAVICON:
            return Response(status=204)
        return Response(BLANK_PAGE, mimetype="text/html")


def explained(
    header: str | None, exchanges: Iterable[Exchange], visitor: int | None, host: str, now: datetime
) -> dict[str, Any]:
    """For a person who watches: what came in a ``Cookie`` header, and what the site said last of each cookie."""
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


def _port(origin: str) -> int | None:
    try:
        return urlsplit(origin).port
    except ValueError:
        return None


def _as_json(answer: Any) -> Response:
    return Response(json.dumps(answer), mimetype="application/json")


def _notes(exchange: Exchange, cookie: SetCookie) -> list[str]:
    """What a ``Set-Cookie`` means, in words."""
    expires, attributes = cookie.expires(exchange.time), cookie.attributes
    lives = f"until {expires:%A %d %B %Y, %H:%M:%S} UTC" if expires else "until the browser closes"
    reach = "out of reach of scripts" if "httponly" in attributes else "scripts can read and change it"
    secure = ", over https alone" if "secure" in attributes else ""
    same_site = attributes.get("samesite", "").title() or "left out"
    return [f"lives {lives}", f"{reach}, SameSite {same_site}, for {cookie.path(exchange.path)}{secure}"]
