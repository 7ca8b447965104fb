"""A site that tells each request as it came: header names as they are spelled, in their order.

``python tells_headers.py PORT``
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class HeadersHandler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if self.path == "/" else "application/json")
        self.send_header("Set-Cookie", "seen=1; Max-Age=60")
        self.end_headers()
        told = json.dumps([self.requestline, body, self.headers.items(), sys.argv[1]])
        self.wfile.write(f"<!doctype html><pre>{told}".encode() if self.path == "/" else told.encode())

    do_POST = do_GET


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), HeadersHandler).serve_forever()
