"""A copy of a session, as somebody has it who has stolen it: a request of the browser's, sent again outside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from cookieproof.cookies.exchange import Exchange
from cookieproof.promises.audit.outside import Answer, Headers, Outside
from cookieproof.promises.audit.texts import says
from cookieproof.words import shown

By = Literal["text", "status", "body"]


@dataclass(frozen=True)
class Witness:
    """How the answer to one request tells who is signed in.

    ``by`` the text that ``shows`` names, by its status, or by a body that is the same each time. ``live`` is the answer
    to the signed-in.
    """

    method: str
    target: str
    by: By
    live: Answer
    text: str = ""

    def tells(self, answer: Answer) -> bool:
        """Whether this answer is that to somebody who is signed in."""
        if self.by == "text":
            return says(self.text, answer.body, answer.content_type)
        same = answer.status == self.live.status and answer.header("location") == self.live.header("location")
        return same and (self.by == "status" or answer.body == self.live.body)

    def is_of(self, exchange: Exchange) -> bool:
        return (exchange.method, exchange.target) == (self.method, self.target)


@dataclass(frozen=True)
class Part:
    """What may be a part of the session: the cookie, or the request's header, of this name."""

    kind: Literal["cookie", "header"]
    name: str

    def __str__(self) -> str:
        return f'{"cookie" if self.kind == "cookie" else "header"} "{shown(self.name)}"'


@dataclass(frozen=True)
class Copy:
    """A request that was recorded, with what the person was known by then.

    ``parts`` are all its cookies, and its headers that may be a part of the session.
    """

    exchange: Exchange
    origin: str
    witness: Witness
    parts: tuple[Part, ...]

    def value(self, part: Part) -> str | None:
        """Return the value of a cookie or a header as it was sent; None if it was not."""
        if part.kind == "header":
            return next((value for name, value in self.exchange.asked if name.lower() == part.name), None)
        return dict(reversed(raw_pairs(self.exchange))).get(part.name)

    def sent(
        self, outside: Outside, *, only: Collection[Part] | None = None, put: Mapping[Part, str] | None = None
    ) -> Answer:
        """Send it again and return the answer.

        With ``only`` of its ``parts`` these alone; with ``put`` other values in their places.
        """
        request = self.exchange
        return outside.ask(request.method, self.origin, request.target or "/", self._headers(only, put or {}))

    def opens(
        self, outside: Outside, *, only: Collection[Part] | None = None, put: Mapping[Part, str] | None = None
    ) -> bool:
        """Whether the site takes it, sent as ``sent`` sends it, for somebody who is signed in."""
        return self.witness.tells(self.sent(outside, only=only, put=put))

    def at(self, target: str) -> Copy:
        """Return the same request for another path and query."""
        return replace(self, exchange=replace(self.exchange, target=target))

    def _headers(self, only: Collection[Part] | None, put: Mapping[Part, str]) -> Headers:
        cookies = {part: value for name, value in raw_pairs(self.exchange) if (part := Part("cookie", name))}
        cookies |= {part: value for part, value in put.items() if part.kind == "cookie"}
        kept = {part: value for part, value in cookies.items() if only is None or part in only or part in put}
        headers = []
        for name, value in self.exchange.asked:
            part = Part("header", name.lower())
            if part.name != "cookie" and (only is None or part in only or part in put or part not in self.parts):
                headers.append((name, put.get(part, value)))
        cookie = "; ".join(f"{part.name}={value}" if part.name else value for part, value in kept.items())
        return [*headers, *([("Cookie", cookie)] if kept else [])]


def origin_of(exchange: Exchange) -> str:
    """Return the origin that a request asked, with its port as the browser named it."""
    host = next((value for name, value in exchange.asked if name.lower() == "host"), exchange.host)
    return f"{exchange.scheme}://{host}"


def raw_pairs(exchange: Exchange) -> list[tuple[str, str]]:
    """Names and values of the request's cookies as they were sent, with their quotes."""
    fields = [value for name, value in exchange.asked if name.lower() == "cookie"]
    found = []
    for each in (part.strip() for field in fields for part in field.split(";")):
        name, equals, value = each.partition("=")
        found += [(name, value) if equals else ("", name)] if each else []
    return found


def parts_of(exchange: Exchange, tokens: Iterable[str] = ()) -> tuple[Part, ...]:
    """What of a request may be a part of the session: each cookie, and each header that has one of ``tokens``."""
    tokens, cookies = [*tokens], [Part("cookie", name) for name, _ in raw_pairs(exchange)]
    headers = [
        Part("header", name.lower())
        for name, value in exchange.asked
        if name.lower() == "authorization" or (name.lower() != "cookie" and any(each in value for each in tokens))
    ]
    return tuple(dict.fromkeys([*cookies, *headers]))
