"""The WSGI middleware around the app: it answers the harness's own requests, and refuses invalid responses."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug import Response
from werkzeug.wsgi import ClosingIterator

from cookieproof.site.job import READY, TIME

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SHOWN = 100  # characters of a value that a sentence quotes


class HarnessMiddleware:
    """Answers ``READY`` and ``TIME`` in place of ``app``, for the harness only: the recorder passes neither on."""

    def __init__(self, app: WSGIApplication, token: str) -> None:
        self.app, self.token = app, token

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path in (READY, TIME):
            return Response(self.token if path == READY else str(time.time()))(environ, start_response)

        asked = f"{environ['REQUEST_METHOD']} {path}"
        refusals: list[Response] = []

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            if why := _why_unsendable(status, headers):
                refusal = f"{asked} is answered with 500 instead: {why}"
                environ["wsgi.errors"].write(f"{refusal}\n")
                environ["wsgi.errors"].flush()
                refusals.append(Response(refusal, 500, mimetype="text/plain"))
                # An app that calls start_response late sends its own body, which has another length: none is declared.
                status, headers = refusals[-1].status, [("Content-Type", "text/plain; charset=utf-8")]
            return start_response(status, headers, *exc_info)

        answer = self.app(environ, start)
        if not refusals:
            return answer
        close = getattr(answer, "close", None)
        return ClosingIterator(refusals[-1].get_app_iter(environ), [close] if close else [])


def _why_unsendable(status: str, headers: list[tuple[str, str]]) -> str:
    """Return why no server can send this status and these headers, as a sentence; an empty text if one can.

    werkzeug's server would fail half-way and leave the connection open (for what is not Latin-1); a browser would
    refuse the whole response (NUL), or read another header than the one that was sent (CR, LF).
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
