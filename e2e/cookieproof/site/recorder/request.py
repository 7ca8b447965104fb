"""A request as a proxy receives it: its URL, and the head with which it is sent to the site."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import unquote_to_bytes

from cookieproof.cookies.exchange import Exchange
from cookieproof.site.recorder.head import Head, Unframed, name_of
from cookieproof.site.recorder.hosts import PORTS, ProxyClient

ABSOLUTE = re.compile(rb"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<rest>.*)", re.I | re.S)
AUTHORITY = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*)(:(?P<port>\d{1,5}))?")
FORWARDED = (b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-port")


@dataclass(frozen=True)
class Request:
    """A request as the proxy received it.

    ``target`` is path and query as they came; ``host`` and ``port`` are those of the URL, the host in lower case.
    """

    head: Head
    method: bytes
    target: bytes
    scheme: str
    host: str
    port: int

    @property
    def path(self) -> str:
        """The path without its query, decoded as frameworks decode it."""
        return unquote_to_bytes(self.target.partition(b"?")[0]).decode(errors="replace") or "/"

    def header(self, name: bytes) -> str | None:
        """Return the value of the field of this name (in lower case) as text; None without such a field."""
        value = self.head.value(name)
        return None if value is None else value.decode(errors="replace")

    def for_the_site(self, *, forwarded: bool) -> bytes:
        """Return the head that is sent to the site: the browser's own, and if ``forwarded`` what nginx adds."""
        method, _, rest = self.head.start.partition(b" ")
        version = rest.rpartition(b" ")[2]
        head = replace(self.head, start=b" ".join((method, self.target, version)))
        return bytes(head.replaced(FORWARDED, self._forwarded()) if forwarded else head)

    def _forwarded(self) -> Sequence[bytes]:
        asked = self.head.value(b"host") or self.host.encode()
        said = (b"127.0.0.1", self.scheme.encode(), asked, str(self.port).encode())
        names = (b"X-Forwarded-For", b"X-Forwarded-Proto", b"X-Forwarded-Host", b"X-Forwarded-Port")
        return [b"%s: %s\r\n" % each for each in zip(names, said, strict=True)]


def read_request(head: Head, scheme: str, authority: str) -> Request:
    """Return the request of this head, which came over a connection to this scheme and authority.

    ``authority`` is what CONNECT named; if it is empty, the head names the host. Raises ``Unframed`` for a head that
    is no request's.
    """
    method, _, rest = head.start.rstrip(b"\r\n").partition(b" ")
    target, _, version = rest.rpartition(b" ")
    if not method or not target or not version.startswith(b"HTTP/1"):
        raise Unframed(f"its first line is {head.start[:60]!r}")
    if absolute := ABSOLUTE.fullmatch(target):
        scheme, authority = absolute["scheme"].decode().lower(), absolute["authority"].decode("latin-1")
        target = absolute["rest"] if absolute["rest"].startswith(b"/") else b"/" + absolute["rest"]
    authority = authority or (head.value(b"host") or b"").decode("latin-1")
    host, port = split_authority(authority, PORTS[scheme])
    if head.values(b"proxy-connection"):
        # A browser sends Proxy-Connection to a proxy where it sends Connection to a site.
        fields = tuple(
            b"Connection" + field[field.index(b":") :] if name_of(field) == b"proxy-connection" else field
            for field in head.fields
        )
        head = replace(head, fields=fields)
    return Request(head, method, target, scheme, host, port)


def split_authority(authority: str, port: int) -> tuple[str, int]:
    """Split ``host:port`` into host (in lower case) and port (``port`` if it names none). Raises ``Unframed``."""
    found = AUTHORITY.fullmatch(authority)
    if not found:
        raise Unframed(f'it is for the host "{authority}"')
    return found["host"].lower(), int(found["port"] or port)


def exchange_of(request: Request, client: ProxyClient | None, now: datetime) -> Exchange:
    """Return the exchange of a request that is not yet answered; its status is 0."""
    return Exchange(
        visitor=client.visitor if client else None,
        life=client.life if client else None,
        time=now,
        began=now,
        method=request.method.decode("latin-1"),
        host=request.host,
        path=request.path,
        target=request.target.decode("latin-1"),
        status=0,
        scheme=request.scheme,
        fetch_site=request.header(b"sec-fetch-site"),
        fetch_mode=request.header(b"sec-fetch-mode"),
        fetch_dest=request.header(b"sec-fetch-dest"),
        cookie="; ".join(value.decode(errors="replace") for value in request.head.values(b"cookie")) or None,
        set_cookies=(),
        asked=request.head.pairs(),
    )
