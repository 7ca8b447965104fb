"""What a site has given in place of a session's value that changes with each request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from cookieproof.cookies.deletions import deletes
from cookieproof.cookies.exchange import Exchange

Pair = tuple[str, str]  # a cookie's name and value


class Renewals:
    """Which value followed which. A copy of a session is sent with the last one, as a browser would send it.

    It is ``followed`` only at a site where a copy as it was recorded does not work: elsewhere the old value is what
    somebody has who has copied it.
    """

    def __init__(self) -> None:
        self.followed = False
        self._told: Callable[[str, str, str], None] = lambda name, old, new: None
        self._next: dict[Pair, str] = {}

    def __bool__(self) -> bool:
        """Whether a value was followed by another."""
        return bool(self._next)

    def follow(self, followed: bool) -> None:
        """Send what followed from now on, or what was recorded."""
        self.followed = followed

    def tell(self, told: Callable[[str, str, str], None]) -> None:
        """Call this with a cookie's name, its value and the one that followed it, while that is followed."""
        self._told = told

    def last(self, name: str, value: str) -> str:
        """Return the value that is to be sent in place of this one."""
        seen = {value}
        while self.followed and (following := self._next.get((name, value))) is not None and following not in seen:
            value = following
            seen.add(value)
        return value

    def learn(self, sent: Iterable[Pair], given: Iterable[Pair]) -> None:
        """Remember what an answer has set in place of what it was asked with."""
        new = dict(given)
        for name, value in sent:
            if name in new and new[name] != value:
                self._next[name, value] = new[name]
                if self.followed:
                    self._told(name, value, new[name])

    def learn_from(self, exchanges: Sequence[Exchange]) -> None:
        """Remember it of what a browser asked."""
        for each in exchanges:
            kept = [(cookie.name, cookie.value) for cookie in each.set_cookies if not deletes(each, cookie)]
            self.learn(raw_pairs(each), kept)


def raw_pairs(exchange: Exchange) -> list[Pair]:
    """Names and values of the request's cookies as they were sent, with their quotes."""
    fields = [value for name, value in exchange.asked if name.lower() == "cookie"]
    found = []
    for each in (part.strip() for field in fields for part in field.split(";")):
        name, equals, value = each.partition("=")
        found += [(name, value) if equals else ("", name)] if each else []
    return found


def as_field(pairs: Iterable[Pair]) -> list[Pair]:
    """Return the header that sends these cookies; none without one."""
    spelled = "; ".join(f"{name}={value}" if name else value for name, value in pairs)
    return [("Cookie", spelled)] if spelled else []
