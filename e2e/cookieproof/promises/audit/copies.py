"""A copy of a session, as somebody has it who has stolen it: a request of the browser's, sent again outside it."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from cookieproof.cookies.exchange import Exchange
from cookieproof.promises.audit.outside import Answer, Headers, Outside
from cookieproof.promises.audit.renewals import as_field, raw_pairs
from cookieproof.promises.audit.texts import says, words_of
from cookieproof.words import shown

By = Literal["text", "status", "body", "words"]


@dataclass(frozen=True)
class Witness:
    """How the answer to one request tells who is signed in.

    ``by`` the text that ``shows`` names, by its status, by a body that is the same each time, or by ``words`` that
    stand in it each time. ``live`` is the answer to the signed-in.
    """

    method: str
    target: str
    by: By
    live: Answer
    text: str = ""
    words: frozenset[str] = frozenset()

    def tells(self, answer: Answer) -> bool:
        """Whether this answer is that to somebody who is signed in."""
        if self.by == "text":
            return says(self.text, answer.body, answer.content_type)
        same = answer.status == self.live.status and answer.header("location") == self.live.header("location")
        if self.by == "words":
            return same and self.words <= words_of(answer.body, answer.content_type)
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
        copy = self.renewed(outside)
        request = copy.exchange
        answer = outside.ask(request.method, self.origin, request.target or "/", copy._headers(only, put or {}))
        # What is refused may be given a new session of nobody, which does not replace this one.
        if (only is None and not put) or self.witness.tells(answer):
            outside.renewals.learn(raw_pairs(request), answer.given)
        return answer

    def opens(
        self, outside: Outside, *, only: Collection[Part] | None = None, put: Mapping[Part, str] | None = None
    ) -> bool:
        """Whether the site takes it, sent as ``sent`` sends it, for somebody who is signed in."""
        return self.witness.tells(self.sent(outside, only=only, put=put))

    def comes_from_a_cache(
        self,
        outside: Outside,
        *,
        only: Collection[Part] | None = None,
        put: Mapping[Part, str] | None = None,
        living: Copy | None = None,
    ) -> bool:
        """Whether what opens so is refused at a URL that nobody has asked for before, where a right copy works.

        The right copy is ``living``, or this one as it was.
        """
        return not self.afresh().opens(outside, only=only, put=put) and (living or self).afresh().opens(outside)

    def afresh(self) -> Copy:
        """Return the same request with a query that nobody has asked for before, which no cache has an answer to."""
        target = self.exchange.target or "/"
        return self.at(f"{target}{'&' if '?' in target else '?'}{secrets.token_hex(4)}=1")

    def at(self, target: str) -> Copy:
        """Return the same request for another path and query."""
        return replace(self, exchange=replace(self.exchange, target=target))

    def renewed(self, outside: Outside) -> Copy:
        """Return the copy as a browser would send it now, where the site's values change with each request."""
        if not outside.renewals.followed:
            return self
        return self.with_cookies(
            [(name, outside.renewals.last(name, value)) for name, value in raw_pairs(self.exchange)]
        )

    def opens_when_followed(self, outside: Outside) -> bool:
        """Whether it works with the value that followed its own; then all copies are sent so from now on."""
        if outside.renewals.followed:
            return False
        outside.renewals.follow(True)
        is_another = raw_pairs(self.renewed(outside).exchange) != raw_pairs(self.exchange)
        outside.renewals.follow(is_another and self.opens(outside))
        return outside.renewals.followed

    def having(self, values: Mapping[str, str]) -> Copy:
        """Return the same request with these values of those of its cookies that have these names."""
        return self.with_cookies([(name, values.get(name, value)) for name, value in raw_pairs(self.exchange)])

    def with_cookies(self, pairs: Iterable[tuple[str, str]]) -> Copy:
        """Return the same request with these cookies."""
        others = [(name, value) for name, value in self.exchange.asked if name.lower() != "cookie"]
        return replace(self, exchange=replace(self.exchange, asked=(*others, *as_field(pairs))))

    def _headers(self, only: Collection[Part] | None, put: Mapping[Part, str]) -> Headers:
        # As they were: two cookies of one name, of two paths say, are two.
        pairs = [(name, put.get(Part("cookie", name), value)) for name, value in raw_pairs(self.exchange)]
        had = {name for name, _ in pairs}
        pairs += [(part.name, value) for part, value in put.items() if part.kind == "cookie" and part.name not in had]
        kept = [pair for pair in pairs if only is None or (part := Part("cookie", pair[0])) in only or part in put]
        headers = []
        for name, value in self.exchange.asked:
            part = Part("header", name.lower())
            if part.name != "cookie" and (only is None or part in only or part in put or part not in self.parts):
                headers.append((name, put.get(part, value)))
        return [*headers, *as_field(kept)]


def origin_of(exchange: Exchange) -> str:
    """Return the origin that a request asked, with its port as the browser named it."""
    host = next((value for name, value in exchange.asked if name.lower() == "host"), exchange.host)
    return f"{exchange.scheme}://{host}"


def parts_of(exchange: Exchange, tokens: Iterable[str] = ()) -> tuple[Part, ...]:
    """What of a request may be a part of the session: each cookie, and each header that has one of ``tokens``."""
    tokens, cookies = [*tokens], [Part("cookie", name) for name, _ in raw_pairs(exchange)]
    headers = [
        Part("header", name.lower())
        for name, value in exchange.asked
        if name.lower() == "authorization" or (name.lower() != "cookie" and any(each in value for each in tokens))
    ]
    return tuple(dict.fromkeys([*cookies, *headers]))
