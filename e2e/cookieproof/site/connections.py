"""The WSGI server of an app's process, which finishes all requests before it ends."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from typing import TYPE_CHECKING

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from cookieproof.site.job import READY, TIME

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class Server(ThreadedWSGIServer):
    """A WSGI server that knows its open connections, and can close them without failing a request."""

    daemon_threads = False  # closing waits for the requests in them

    def __init__(self, app: WSGIApplication, listener: int) -> None:
        super().__init__("127.0.0.1", 0, app, Handler, fd=listener)
        self._ends = False
        self._connections: set[socket.socket] = set()

    def add_connection(self, connection: socket.socket) -> None:
        self._connections.add(connection)
        if self._ends:
            _end(connection)

    def discard_connection(self, connection: socket.socket) -> None:
        self._connections.discard(connection)

    def finish(self) -> None:
        """Answer the requests that have arrived, and accept no more."""
        self.shutdown()
        self._ends = True
        for connection in [*self._connections]:
            _end(connection)


class Handler(WSGIRequestHandler):
    """Handles one connection in HTTP/1.1, which ``Server.finish`` can end; does not log the harness's own requests."""

    server: Server

    def setup(self) -> None:
        self.server.add_connection(self.request)
        super().setup()

    def finish(self) -> None:
        self.server.discard_connection(self.request)
        super().finish()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        if self.path not in (READY, TIME):
            super().log_request(code, size)


def _end(connection: socket.socket) -> None:
    # A request that has arrived is still read and answered; a connection that waits for one reads the end.
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RD)


def serve(app: WSGIApplication, listener: int) -> None:
    """Serve ``app`` on this file descriptor until SIGTERM, and then answer the requests that have arrived.

    So a restart fails no request.
    """
    server = Server(app, listener)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.finish).start())
    server.serve_forever(poll_interval=0.05)
