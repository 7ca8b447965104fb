"""What a WSGI request says of who asks, for which host, and with which cookies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def asked_host(environ: WSGIEnvironment) -> str:
    """The host that is asked, without its port."""
    asked: str = environ.get("HTTP_HOST", "")
    return asked.partition(":")[0]


def asker(environ: WSGIEnvironment) -> tuple[int, int] | tuple[None, None]:
    """The visitor and its life, as a suffix of the user agent tells; None and None for another browser."""
    agent = re.search(r"cookieproof/(\d+)\.(\d+)$", environ.get("HTTP_USER_AGENT", ""))
    return (int(agent[1]), int(agent[2])) if agent else (None, None)


def cookie_header(environ: WSGIEnvironment) -> str | None:
    header: str | None = environ.get("HTTP_COOKIE")
    return header and text(header)


def text(header: str, errors: str = "replace") -> str:
    """A header as browsers read it: PEP 3333 has its bytes as Latin-1, and they are UTF-8."""
    return header.encode("latin-1", errors="replace").decode(errors=errors)
