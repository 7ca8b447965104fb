"""Finds out which cookies and headers are the session: the smallest set by which the site knows who is signed in."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from cookieproof.cookies.exchange import Exchange
from cookieproof.promises.audit.copies import Copy, Part, Witness, origin_of, parts_of
from cookieproof.promises.audit.outside import Answer, Outside
from cookieproof.promises.audit.texts import decoded, words_of
from cookieproof.promises.lifetimes import Shown

MOST_PARTS = 3  # so many cookies and headers may be needed together
SHORTEST_TOKEN = 8  # characters: a shorter text stands in many a header by chance
_NONE = Answer(0, (), "")
ASKED_FOR_ITSELF = ("image", "style", "script", "font", "audio", "video", "track", "manifest")
STREAM = "text/event-stream"


@dataclass(frozen=True)
class Session:
    """``sets`` are the smallest sets of parts each of which suffices; ``copy`` is the request that told it.

    ``private`` are copies of all requests of that visit whose answers only the signed-in get.
    """

    sets: tuple[frozenset[Part], ...]
    copy: Copy
    private: tuple[Copy, ...]

    @property
    def parts(self) -> list[Part]:
        """All parts that are the session, or may stand for it."""
        return sorted({part for each in self.sets for part in each}, key=str)

    @property
    def cookies(self) -> list[str]:
        """The names of the cookies among them."""
        return [part.name for part in self.parts if part.kind == "cookie"]

    def __str__(self) -> str:
        return " or ".join(" with ".join(sorted(map(str, each))) for each in self.sets)

    def values(self, copy: Copy) -> dict[Part, str]:
        """The value that each part has in a copy."""
        return {part: value for part in self.parts if (value := copy.value(part)) is not None}


def ends(exchange: Exchange) -> bool:
    """Whether the answer to a request has an end, so that it can be asked for again; a stream of events has none.

    A document has one once the network is idle, even if the record does not have it yet.
    """
    types = [value.lower() for name, value in exchange.answered if name.lower() == "content-type"]
    is_stream = any(value.startswith(STREAM) for value in types)
    return not is_stream and (exchange.ended is not None or exchange.fetch_dest == "document")


def find(
    exchanges: Sequence[Exchange],
    anonymous: Sequence[Exchange],
    shows: Shown,
    tokens: Iterable[str],
    outside: Outside,
) -> Session | None:
    """Return the session that these exchanges, of one visit by somebody signed in, were made with.

    ``anonymous`` are those of the same visit before anybody had signed in.

    None if no answer of the site is another to somebody without cookies and ``tokens`` (what the page keeps in its
    storage): nothing tells from outside who is signed in.
    """
    tokens = [each for each in tokens if len(each) >= SHORTEST_TOKEN]
    outside.renewals.learn_from(exchanges)
    # A value that was set anew may be good for one request only. A site may end the session if one comes twice, since
    # then somebody has copied it (RFC 9700, 4.14.2, of refresh tokens), so the last one is sent from the beginning.
    outside.renewals.follow(bool(outside.renewals))
    private = [copy for each in exchanges if (copy := _private(each, anonymous, shows, tokens, outside))]
    if not private:
        outside.renewals.follow(False)
        return None
    copy = next((each for each in private if each.witness.by == "text"), private[0])
    sets = smallest(copy, copy.parts, outside) or (frozenset(copy.parts),)
    found = Session(sets, copy, tuple(private))
    if outside.renewals.followed:
        outside.renewals.follow(False)
        outside.renewals.follow(not copy.opens(outside))  # what was recorded may be taken all the same
    return found


def _private(
    exchange: Exchange, anonymous: Sequence[Exchange], shows: Shown, tokens: Sequence[str], outside: Outside
) -> Copy | None:
    """Return a copy of the request, if its answer tells who is signed in."""
    if exchange.method != "GET" or exchange.fetch_dest in ASKED_FOR_ITSELF or exchange.status >= 400:
        return None
    if not ends(exchange):
        return None
    origin = origin_of(exchange)
    parts, target = parts_of(exchange, tokens), exchange.target or exchange.path
    if not parts:
        return None
    plain = Witness("GET", target, "status", _NONE)
    copy = Copy(exchange, origin, plain, parts)
    # What was answered before anybody had signed in comes from no cache.
    before = next((each for each in anonymous if plain.is_of(each) and each.body is not None), None)
    live, nobody = copy.sent(outside), answer_of(before) if before else copy.sent(outside, only=())
    text = shows if isinstance(shows, str) else ""
    ways = [
        *([Witness("GET", target, "text", live, text)] if text else []),
        Witness("GET", target, "status", live),
        Witness("GET", target, "body", live),
    ]
    for witness in ways:
        if witness.tells(live) and not witness.tells(nobody):
            found = Copy(exchange, origin, witness, parts)
            if witness.by == "text" or found.opens(outside):  # a body that is another each time tells nothing
                return found
    again = copy.sent(outside)
    each_time = words_of(live.body, live.content_type) & words_of(again.body, again.content_type)
    words = each_time - words_of(nobody.body, nobody.content_type)
    if not words or live.status != again.status:
        return None
    return Copy(exchange, origin, Witness("GET", target, "words", live, words=words), parts)


def seen_in_browser(exchanges: Sequence[Exchange], needed: Collection[str], tokens: Iterable[str]) -> Session | None:
    """Return the session where no copy works: of the cookies that are ``needed``, or what is sent of ``tokens``."""
    of_site = [each for each in exchanges if each.method == "GET" and each.fetch_dest not in ASKED_FOR_ITSELF]
    tokens = [each for each in tokens if len(each) >= SHORTEST_TOKEN]
    for each in of_site:
        parts = parts_of(each, tokens)
        own = frozenset(part for part in parts if part.kind == "header" or part.name in needed)
        if own and (not needed or {*needed} <= {part.name for part in own}):
            witness = Witness("GET", each.target or each.path, "status", answer_of(each))
            copy = Copy(each, origin_of(each), witness, parts)
            return Session((own,), copy, ())
    return None


def answer_of(exchange: Exchange) -> Answer:
    """Return the answer that was recorded to a browser."""
    headers = {name.lower(): value for name, value in exchange.answered}
    return Answer(
        exchange.status, exchange.answered, decoded(exchange.body or b"", headers.get("content-encoding", ""))
    )


def smallest(copy: Copy, parts: Sequence[Part], outside: Outside) -> tuple[frozenset[Part], ...]:
    """Return the smallest sets of these parts of a copy each of which suffices; none if no few of them do."""
    by_cache = copy.opens(outside, only=()) and copy.comes_from_a_cache(outside, only=())
    for size in range(1, min(MOST_PARTS, len(parts)) + 1):
        sets = [frozenset(each) for each in itertools.combinations(parts, size)]
        if found := tuple(each for each in sets if (copy.afresh() if by_cache else copy).opens(outside, only=each)):
            return found
    return ()
