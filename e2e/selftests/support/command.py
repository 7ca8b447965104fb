"""Small sites that a command serves, and how their processes are seen to end."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen

import psutil

from cookieproof.errors import wait_until
from cookieproof.site.command_process import CommandProcess
from cookieproof.site.process_group import lives

PYTHON = f"{sys.executable} -S -E"
SECONDS = 10.0  # for what should come at once

# site.py PORT [ADDRESS]: answers "/500" with 500, any other path with 200 and what its process sees.
SITE = """
import json, os, socketserver, sys, time
from http.server import BaseHTTPRequestHandler

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        print("Host:", self.headers["Host"], file=sys.stderr)
        asked = self.path.partition("?")[0].strip("/")
        self.send_response(int(asked) if asked.isdigit() else 200)
        self.end_headers()
        told = {"pid": os.getpid(), "time": time.time(), "env": dict(os.environ)}
        self.wfile.write(json.dumps(told).encode())

port, address = int(sys.argv[1]), (sys.argv + ["127.0.0.1"])[2]
socketserver.TCPServer.allow_reuse_address = True
socketserver.TCPServer((address, port), Handler).serve_forever()
"""

Commands = Callable[..., CommandProcess]


def asked(command: CommandProcess, path: str = "/") -> Any:
    """What ``SITE`` answers."""
    host, port = command.address
    with urlopen(f"http://{host}:{port}{path}", timeout=SECONDS) as answer:
        return json.load(answer)


def await_end(*processes: psutil.Process) -> None:
    """Wait until each of these has ended; a zombie has."""
    assert processes
    wait_until(lambda: not any(map(lives, processes)), f"{processes} to end", SECONDS)
