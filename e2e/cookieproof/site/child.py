"""The child's side of serving: one Flask app behind the middleware that tells what crossed.

Run by ``server.py`` with a pickled ``Job`` on standard input, which then stays open: its
end is the parent's end, and this process's.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import itertools
import json
import os
import pickle
import re
import signal
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from click import ClickException
from flask import Flask
from flask.cli import ScriptInfo
from werkzeug import Response
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import ClosingIterator, get_path_info

from cookieproof.cookies.exchange import Exchange, SetCookie, append
from cookieproof.site.own_pages import FAVICON, OWN_PATHS, OwnPages
from cookieproof.site.sockets import Sockets
from cookieproof.site.wsgi_request import asked_host, asker, cookie_header, text

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

READY, TIME = (OWN_PATHS + name for name in ("ready", "time"))
# A URL up to its path, and the names that lead here (those of the certificate).
HTTPS = re.compile(r"https://(?P<host>[^/?#@:]+)(:(?P<port>\d*))?(?=[/?#]|$)", re.I)
OWN_HOSTS = re.compile(r"(.+\.)?localhost|.+\.test|127\.0\.0\.1", re.I)
SHOWN = 100  # characters of a value that a sentence quotes


@dataclass(frozen=True)
class Job:
    """What to serve. ``config`` is pickled by itself: only the app's own code may be able to read it."""

    app: str
    config: bytes
    sockets: Sockets[int]
    ports: Sockets[int]
    certificate: Path
    token: str
    wire: Path
    facts: Path
    in_flight: Path


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


class Handler(WSGIRequestHandler):
    """Lets its connections be ended, and keeps the harness's own requests out of the site's log.

    At the port of http it takes TLS too: a browser that has been told to come over https alone
    (Strict-Transport-Security) keeps the port, as does a page that changes the scheme alone.
    """

    ending: ClassVar[bool] = False
    connections: ClassVar[set[socket.socket]] = set()
    context: ClassVar[ssl.SSLContext]

    def setup(self) -> None:
        self._keep(self.request)
        self._wraps = self.server.ssl_context is None and _begins_tls(self.request)
        if self._wraps:
            self.connections.discard(self.request)
            self.request = self.context.wrap_socket(self.request, server_side=True)
            self._keep(self.request)
        super().setup()

    def _keep(self, connection: socket.socket) -> None:
        self.connections.add(connection)
        if self.ending:
            _end(connection)

    def handle(self) -> None:
        try:
            super().handle()
        except ssl.SSLError as error:  # which werkzeug expects at its port of https alone
            self.log_error("SSL error occurred: %s", error)

    def make_environ(self) -> WSGIEnvironment:
        environ = super().make_environ()
        if self._wraps:
            environ["wsgi.url_scheme"] = "https"
        return environ

    def finish(self) -> None:
        self.connections.discard(self.connection)
        super().finish()
        if self._wraps:
            self.server.shutdown_request(self.request)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        if self.path not in (READY, TIME) and not self.path.startswith(FAVICON):
            super().log_request(code, size)


class OwnHandler(Handler):
    """Serves the harness's own pages, of which the site's log says nothing."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def _begins_tls(connection: socket.socket) -> bool:
    """Whether the first byte, once it comes, is that of a handshake (RFC 8446, 5.1). It is left to be read."""
    with contextlib.suppress(OSError):
        return connection.recv(1, socket.MSG_PEEK) == b"\x16"
    return False


def _end(connection: socket.socket) -> None:
    # A request that has arrived is still read and answered; a connection that waits for one reads the end.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RD)  # an SSLSocket's own would also end what is being sent


class PatientContext(ssl.SSLContext):
    """Leaves the handshake to the connection's thread: a browser that connects ahead of need may not begin one."""

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        return super().wrap_socket(*args, **{**kwargs, "do_handshake_on_connect": False})


def serve(app: WSGIApplication, job: Job) -> None:
    """Serve, http and https, until SIGTERM; then finish what has been asked, so that a restart fails no request."""
    context = PatientContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(job.certificate)
    Handler.context = context
    own, sockets = OwnPages(job.wire, job.ports), job.sockets
    servers = [
        make_server("127.0.0.1", 0, answers, threaded=True, request_handler=handler, fd=fd, ssl_context=tls)
        for answers, handler, fd, tls in (
            (app, Handler, sockets.http, None),
            (app, Handler, sockets.https, context),
            (own, OwnHandler, sockets.own_http, None),
            (own, OwnHandler, sockets.own_https, context),
        )
    ]
    for server in servers:
        server.daemon_threads = False  # type: ignore[attr-defined]  # closing waits for the requests in them

    def end() -> None:
        _at_once([server.shutdown for server in servers])  # each looks for it every 0.05 s
        Handler.ending = True
        for connection in list(Handler.connections):
            _end(connection)

    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=end).start())
    _at_once([partial(server.serve_forever, poll_interval=0.05) for server in servers])


def _at_once(calls: Iterable[Callable[[], object]]) -> None:
    """Make each call in a thread of its own, and wait for them all."""
    threads = [threading.Thread(target=call) for call in calls]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def flask_variables(config: Mapping[str, Any]) -> dict[str, str]:
    """What can be spelled as FLASK_* variables, for factories that read them (Flask's from_prefixed_env)."""
    variables = {}
    for key, value in config.items():
        with contextlib.suppress(TypeError):  # the rest reaches app.config as it is, after the factory
            spelled = json.dumps(value)
            variables[f"FLASK_{key}"] = value if isinstance(value, str) and not _is_json(value) else spelled
    return variables


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def end_with_parent() -> None:
    """Block until the parent closes our standard input, dead or alive; then end this process group."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    job: Job = pickle.load(sys.stdin.buffer)
    threading.Thread(target=end_with_parent, daemon=True).start()
    config: dict[str, Any] = pickle.loads(job.config)
    os.environ.update(flask_variables(config))
    try:
        app = ScriptInfo(job.app).load_app()
    except ClickException as error:
        sys.exit(f"Error: {error.format_message()}")
    app.config.update(config)
    job.facts.write_text(json.dumps(_facts(app)))
    serve(Middleware(app, job), job)
    # A thread of the app's that never ends would hold up each restart.
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _facts(app: Flask) -> dict[str, Any]:
    """What no browser can see of the app: ``server.Facts``."""
    trusted = app.config.get("TRUSTED_HOSTS") or []
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    return {
        "session_cookie": app.config["SESSION_COOKIE_NAME"],
        "secret_key": app.secret_key and hashlib.sha256(repr(app.secret_key).encode()).hexdigest(),
        "trusted_hosts": [trusted] if isinstance(trusted, str) else list(trusted),
        "pages": sorted({rule.rule for rule in rules}),
    }
