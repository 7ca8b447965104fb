"""Connections from browsers to the process that serves an app, until it is told to end."""

from __future__ import annotations

import contextlib
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from werkzeug.serving import WSGIRequestHandler, make_server

from cookieproof.site.job import READY, TIME, Job
from cookieproof.site.own_pages import FAVICON, OwnPages

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


class Connections:
    """Those that are open, until they are told to end: then what has been asked is still answered."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._open: set[socket.socket] = set()
        self._ending = False

    def keep(self, connection: socket.socket) -> None:
        self._open.add(connection)
        if self._ending:
            _end(connection)

    def over_tls(self, connection: socket.socket) -> ssl.SSLSocket:
        """Have a connection that is kept go on over TLS."""
        self.forget(connection)
        secure = self._context.wrap_socket(connection, server_side=True)
        self.keep(secure)
        return secure

    def forget(self, connection: socket.socket) -> None:
        self._open.discard(connection)

    def end(self) -> None:
        """End each, those too that come later."""
        self._ending = True
        for connection in list(self._open):
            _end(connection)


class Handler(WSGIRequestHandler):
    """Lets its connections be ended, and keeps the harness's own requests out of the site's log.

    At the port of http it takes TLS too: a browser that has been told to come over https alone
    (Strict-Transport-Security) keeps the port, as does a page that changes the scheme alone.
    """

    connections: ClassVar[Connections]

    @classmethod
    def of(cls, connections: Connections) -> type[Handler]:
        """A handler for these connections: the server makes one for each itself, and hands nothing on to it."""
        return type(cls.__name__, (cls,), {"connections": connections})

    def setup(self) -> None:
        self.connections.keep(self.request)
        self._wraps = self.server.ssl_context is None and _begins_tls(self.request)
        if self._wraps:
            self.request = self.connections.over_tls(self.request)
        super().setup()

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
        self.connections.forget(self.connection)
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
    connections = Connections(context)
    handler, own_handler = Handler.of(connections), OwnHandler.of(connections)
    own, sockets = OwnPages(job.wire, job.ports), job.sockets
    servers = [
        make_server("127.0.0.1", 0, answers, threaded=True, request_handler=handles, fd=fd, ssl_context=tls)
        for answers, handles, fd, tls in (
            (app, handler, sockets.http, None),
            (app, handler, sockets.https, context),
            (own, own_handler, sockets.own_http, None),
            (own, own_handler, sockets.own_https, context),
        )
    ]
    for server in servers:
        server.daemon_threads = False  # type: ignore[attr-defined]  # closing waits for the requests in them

    def end() -> None:
        _at_once([server.shutdown for server in servers])  # each looks for it every 0.05 s
        connections.end()

    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=end).start())
    _at_once([partial(server.serve_forever, poll_interval=0.05) for server in servers])


def _at_once(calls: Iterable[Callable[[], object]]) -> None:
    """Make each call in a thread of its own, and wait for them all."""
    threads = [threading.Thread(target=call) for call in calls]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
