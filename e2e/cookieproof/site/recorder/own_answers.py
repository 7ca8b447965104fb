"""The harness's own answers: its pages, answers to what browsers ask by themselves, and errors of a site."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from cookieproof.cookies.exchange import Exchange
from cookieproof.site import own_pages
from cookieproof.site.own_pages import BLANK_PAGE, COOKIE_INSPECTOR, FAVICON, PROBE, cookie_inspector_data
from cookieproof.site.recorder.request import Request

HTML, TEXT, JSON = "text/html; charset=utf-8", "text/plain; charset=utf-8", "application/json"


@dataclass(frozen=True)
class Answer:
    """A whole answer. The connection stays open after it, unless ``headers`` has ``Connection``."""

    status: int
    content_type: str = TEXT
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cache: str = "no-store"

    def to_bytes(self, *, with_body: bool = True) -> bytes:
        """Return the answer's bytes: head and body, or for HEAD (``with_body=False``) the head alone."""
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}", f"Cache-Control: {self.cache}"]
        if self.body:
            lines.append(f"Content-Type: {self.content_type}")
        if self.status != HTTPStatus.NO_CONTENT:
            lines.append(f"Content-Length: {len(self.body)}")
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + (self.body if with_body else b"")


def plain(status: int, sentence: str) -> Answer:
    """Return an answer that is a sentence of plain text, after which the connection is closed."""
    return Answer(status, TEXT, f"{sentence}\n".encode(), {"Connection": "close"})


def page(status: int, title: str, sentence: str) -> Answer:
    """Return an HTML page with a title and a sentence, after which the connection is closed."""
    shown = f"<!doctype html><title>{html.escape(title)}</title><h1>{html.escape(title)}</h1>"
    body = f"{shown}<pre style='white-space: pre-wrap'>{html.escape(sentence)}</pre>"
    return Answer(status, HTML, body.encode(), {"Connection": "close"})


def of_the_site(request: Request) -> Answer | None:
    """Return the harness's answer to a request at the site's ports; None for a request that the site answers.

    Chromium asks for the icon 20 ms after a page has loaded. The site would take that for a visit, and renew a sliding
    session that nobody visited.
    """
    if request.path == FAVICON:
        # Without max-age, a no-store page with this icon would not be kept in the back/forward cache.
        return Answer(HTTPStatus.NO_CONTENT, cache="max-age=3600")
    if request.path.startswith(own_pages.OWN_PATHS):
        return plain(404, "The harness has no such page.")
    return None


def of_the_harness(request: Request, port: int, visitor: int, exchanges: Sequence[Exchange], now: datetime) -> Answer:
    """Return the answer to a request at the harness's own port, for every path of every host of the site.

    Cookies know no port (RFC 6265bis, 8.5), while service workers, storage and policies belong to an origin: nothing
    of the site reaches these pages or answers in their place.
    """
    cookie, origin, headers = request.header(b"cookie"), request.header(b"origin") or "", {}
    # Only the harness's pages may read the answer: a script of the site could read HttpOnly cookies from it.
    if origin and _port(origin) == port:
        headers = {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
    if request.header(b"accept") == PROBE:
        return Answer(200, PROBE, json.dumps(cookie or "").encode(), headers)
    if request.path == COOKIE_INSPECTOR:
        return Answer(200, HTML, Path(own_pages.__file__).with_name("cookie_inspector.html").read_bytes(), headers)
    if request.path == f"{COOKIE_INSPECTOR}.json":
        told = cookie_inspector_data(cookie, exchanges, visitor, request.host, now)
        return Answer(200, JSON, json.dumps(told).encode(), headers)
    if request.path == FAVICON:
        return Answer(HTTPStatus.NO_CONTENT)
    return Answer(200, HTML, BLANK_PAGE.encode(), headers)


def _port(origin: str) -> int | None:
    try:
        return urlsplit(origin).port
    except ValueError:
        return None
