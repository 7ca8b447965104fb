"""The URL that tells whether a site's command is ready."""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from urllib.parse import quote, urlsplit

from cookieproof.errors import CookieproofError
from cookieproof.words import quoted

STATUS_LINE = re.compile(rb"HTTP/1\.\d (\d{3})")
LONGEST_LINE = 65536


class ReadyUrl:
    """The path that is asked until the site is ready; ``url`` is this path, or a loopback URL with it."""

    def __init__(self, url: str) -> None:
        try:
            # The only port that it may name is {port}, and the site's port is known without it.
            whole = f"http://localhost{url}" if url.startswith("/") else url.replace(":{port}", "")
            parts = urlsplit(whole)
            is_ours = parts.scheme == "http" and not parts.port and _is_loopback(parts.hostname or "")
        except ValueError:
            is_ours = False
        if not is_ours:
            raise CookieproofError(
                f'web_server["url"] is {quoted(url)}, but a site\'s command is asked on loopback, on its port, over '
                'http: write only the path, as "/health".'
            )
        self._host = parts.netloc.rpartition("@")[2]
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self.path = quote(target, safe="/%?:@!$&'()*+,;=~[]")

    def ask(self, address: tuple[str, int], seconds: float) -> int:
        """Return the status with which a GET at this address is answered; 0 without an answer in so many seconds."""
        deadline, line = time.monotonic() + seconds, b""
        try:
            with socket.create_connection(address, max(seconds, 0.001)) as connection:
                connection.sendall(
                    f"GET {self.path} HTTP/1.1\r\nHost: {self._host}:{address[1]}\r\nUser-Agent: cookieproof\r\n"
                    "Accept: */*\r\nConnection: close\r\n\r\n".encode()
                )
                while b"\n" not in line and len(line) < LONGEST_LINE:
                    connection.settimeout(max(deadline - time.monotonic(), 0.001))
                    if not (more := connection.recv(LONGEST_LINE)):
                        return 0
                    line += more
        except OSError:
            return 0
        status = STATUS_LINE.match(line)
        return int(status[1]) if status else 0


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
