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
    """A WSGI server that knows its connections, and can end them without failing a request."""

    daemon_threads = False  # closing waits for the requests in them

    def __init__(self, app: WSGIApplication, listener: int) -> None:
        super().__init__("127.0.0.1", 0, app, Handler, fd=listener)
        self._ends = False
        self._connections: set[socket.socket] = set()

    def keep(self, connection: socket.socket) -> None:
        self._connections.add(connection)
        if self._ends:
            _end(connection)

    def let_go(self, connection: socket.socket) -> None:
        self._connections.discard(connection)

    def finish(self) -> None:
        """Answer what has been asked, and nothing that comes later."""
        self.shutdown()
        self._ends = True
        for connection in [*self._connections]:
            _end(connection)


class Handler(WSGIRequestHandler):
    """Lets its connection be ended, speaks HTTP/1.1, and keeps the harness's own requests out of the site's log."""

    server: Server

    def setup(self) -> None:
        self.server.keep(self.request)
        super().setup()

    def finish(self) -> None:
        self.server.let_go(self.request)
        super().finish()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        if self.path not in (READY, TIME):
            super().log_request(code, size)


def _end(connection: socket.socket) -> None:
    # A request that has arrived is still read and answered; a connection that waits for one reads the end.
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RD)


def serve(app: WSGIApplication, listener: int) -> None:
    """Serve on this file descriptor until SIGTERM; then finish what was asked, so that a restart fails no request."""
    server = Server(app, listener)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.finish).start())
    server.serve_forever(poll_interval=0.05)
