"""What stands between the server and the app: it records each exchange, and leads to where https is."""

from __future__ import annotations

import itertools
import os
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from werkzeug import Response
from werkzeug.wsgi import ClosingIterator, get_path_info

from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.site.job import READY, TIME, Job
from cookieproof.site.own_pages import FAVICON
from cookieproof.site.wire_file import append
from cookieproof.site.wsgi_request import asked_host, asker, cookie_header, text

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


# A URL up to its path, and the names that lead here (those of the certificate).
HTTPS = re.compile(r"https://(?P<host>[^/?#@:]+)(:(?P<port>\d*))?(?=[/?#]|$)", re.I)
OWN_HOSTS = re.compile(r"(.+\.)?localhost|.+\.test|127\.0\.0\.1", re.I)
SHOWN = 100  # characters of a value that a sentence quotes


class Middleware:
    """Answers the little that only the app's ports can, and writes every other exchange down. Leads to where https is.

    What the harness asks a browser about its cookies is answered elsewhere: by ``OwnPages``.
    """

    def __init__(self, app: WSGIApplication, job: Job) -> None:
        self.app, self.token, self.wire = app, job.token, job.wire
        self.port, self.tls_port = job.ports.http, job.ports.https
        self._in_flight = os.open(job.in_flight, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._numbers = itertools.count(1)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        own = self._own_answer(environ)
        if own is not None:
            own.headers["Cache-Control"] = "no-store"
            return own(environ, start_response)

        asked = _asked(environ)  # now, since the app's own middleware (ProxyFix, a mount) may change what it got
        refusals: list[Response] = []

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            if why := _why_unsendable(status, headers):
                refusal = f"{asked.method} {asked.path} is answered with 500 instead: {why}"
                environ["wsgi.errors"].write(f"{refusal}\n")
                environ["wsgi.errors"].flush()
                refusals.append(Response(refusal, 500, mimetype="text/plain"))
                # Of an app that starts its answer late, the body is not replaced, and has a length of its own.
                status, headers = refusals[-1].status, [("Content-Type", "text/plain; charset=utf-8")]
            if led_to := self._write_down(asked, int(status[:3]), headers):
                headers = [(name, led_to if name.lower() == "location" else value) for name, value in headers]
            return start_response(status, headers, *exc_info)

        answered = self._begin(asked)
        try:
            answer = self.app(environ, start)
        except Exception:  # with TESTING on, Flask lets the server answer
            answered()
            self._write_down(asked, 500, [])
            raise
        if not refusals:
            return ClosingIterator(answer, answered)
        ends = [end for end in (getattr(answer, "close", None), answered) if end]
        return ClosingIterator(refusals[-1].get_app_iter(environ), ends)

    def _begin(self, asked: Exchange) -> Callable[[], None]:
        """Note what is being answered, for whoever finds this process ended. Returns what notes that it was."""
        number = next(self._numbers)
        os.write(self._in_flight, f"{number} {asked.method} {asked.path}\n".encode(errors="replace"))

        def end() -> None:
            os.write(self._in_flight, f"{number}\n".encode())

        return end

    def _own_answer(self, environ: WSGIEnvironment) -> Response | None:
        path = environ["PATH_INFO"]
        if environ["wsgi.url_scheme"] == "https" and environ["SERVER_PORT"] == str(self.port):
            there = f"https://{asked_host(environ)}:{self.tls_port}{environ['REQUEST_URI']}"
            return Response(status=308, headers={"Location": there})  # method and form go with it
        if path == READY:
            return Response(self.token)
        if path == TIME:
            return Response(str(time.time()))
        if path == FAVICON:
            # Chromium asks for it 20 ms after a page has loaded. In the app that would be a
            # visit: it would renew a sliding session that nobody visited.
            return Response(status=204)
        return None

    def _write_down(self, asked: Exchange, status: int, headers: list[tuple[str, str]]) -> str | None:
        """Returns where the browser is led instead of the app's ``Location``; None if it is to follow that."""
        # What is no UTF-8 is kept, since a browser counts its octets.
        set_cookies = tuple(
            SetCookie(text(value, "surrogateescape")) for name, value in headers if name.lower() == "set-cookie"
        )
        location = next((value for name, value in headers if name.lower() == "location"), None)
        cleared = [text(value) for name, value in headers if name.lower() == "clear-site-data"]
        led_to = self._where_https_is(asked.host, location or "")
        told = replace(
            asked,
            time=datetime.now(UTC),
            status=status,
            set_cookies=set_cookies,
            clear_site_data=", ".join(cleared) if cleared else None,
        )
        append(self.wire, replace(told, location=location and text(location), led_to=led_to and text(led_to)))
        return led_to

    def _where_https_is(self, host: str, location: str) -> str | None:
        """Where a redirect to https of this site leads here; None for any other.

        A real site has http and https at the ports that URLs leave out, so an app names no port, or
        keeps the one that it was asked at (as Flask-Talisman does). Here each has a port of its own,
        of which the app cannot know: to lead there is the harness's part, as it is a proxy's.
        """
        url = HTTPS.match(location)
        if not url or url["port"] not in (None, "", "443", str(self.port)):
            return None
        is_own = OWN_HOSTS.fullmatch(url["host"]) or url["host"].lower() == host.lower()
        return f"https://{url['host']}:{self.tls_port}{location[url.end() :]}" if is_own else None


def in_flight(notes: str) -> list[str]:
    """Method and path of what a process had begun to answer and not ended, from its ``Middleware``'s notes."""
    begun: dict[str, str] = {}
    for line in notes.splitlines():
        number, _, asked = line.partition(" ")
        if asked:
            begun[number] = asked
        else:
            begun.pop(number, None)
    return list(begun.values())


def _why_unsendable(status: str, headers: list[tuple[str, str]]) -> str:
    """Why no server could send such an answer, in a sentence; an empty text if it can be sent.

    werkzeug's would fail half-way and leave the connection open (what is not Latin-1), a browser
    would refuse all of it (NUL), or see another header than the wire (CR, LF).
    """
    for what, value in [("status line", status), *((f'response header "{name}"', value) for name, value in headers)]:
        if any(ord(character) > 255 for character in f"{what}{value}"):
            rule = "HTTP headers are Latin-1 (RFC 9110, 5.5; PEP 3333): encode it, by urllib.parse.quote say"
        elif re.search(r"[\r\n\0]", f"{what}{value}"):
            rule = "no HTTP header holds CR, LF or NUL (RFC 9110, 5.5): leave them out"
        else:
            continue
        shown = repr(value)
        return f"its {what} is {shown if len(shown) <= SHOWN else shown[:SHOWN] + '…'}, and {rule}."
    return ""


def _asked(environ: WSGIEnvironment) -> Exchange:
    """The request's side of an exchange."""
    visitor, life = asker(environ)
    return Exchange(
        visitor=visitor,
        life=life,
        time=datetime.now(UTC),
        method=environ["REQUEST_METHOD"],
        host=asked_host(environ),
        path=get_path_info(environ) or "/",
        status=0,
        scheme=environ["wsgi.url_scheme"],
        fetch_site=environ.get("HTTP_SEC_FETCH_SITE"),
        fetch_mode=environ.get("HTTP_SEC_FETCH_MODE"),
        fetch_dest=environ.get("HTTP_SEC_FETCH_DEST"),
        cookie=cookie_header(environ),
        set_cookies=(),
    )
