"""What the exchanges of a life say of a session's cookies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cookieproof.cookies.deletions import deletes
from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.promises.audit.copies import Part
from cookieproof.promises.audit.renewals import raw_pairs
from cookieproof.promises.audit.texts import decoded
from cookieproof.words import shown

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import Life


def setting_of(life: Life, name: str) -> tuple[Exchange, SetCookie] | None:
    """Return the last ``Set-Cookie`` that set the cookie, and its exchange; a deletion sets nothing."""
    settings = [
        (exchange, cookie)
        for exchange in life.exchanges
        for cookie in exchange.set_cookies
        if cookie.name == name and not deletes(exchange, cookie)
    ]
    return settings[-1] if settings else None


def last_setting(life: Life, name: str) -> Sequence[str]:
    """Return that ``Set-Cookie`` as a line of evidence; none if a script set the cookie."""
    setting = setting_of(life, name)
    return [f"Set-Cookie: {setting[1]}  [{setting[0]}]"] if setting else ["set by a script"]


def quoted_names(names: Iterable[str]) -> str:
    """Return the names for a sentence."""
    return " and ".join(f'"{shown(each)}"' for each in names)


def text_of(exchange: Exchange) -> str:
    """Return the body of an answer as text."""
    encoding = next((value for name, value in exchange.answered if name.lower() == "content-encoding"), "")
    return decoded(exchange.body or b"", encoding)


def answered(exchange: Exchange, name: str) -> str:
    """Return the values of a response's header (its name in lower case), joined; an empty text without one."""
    return ", ".join(value for key, value in exchange.answered if key.lower() == name)


def asked_for(exchange: Exchange, name: str) -> str:
    """Return the values of a request's header (its name in lower case), joined; an empty text without one."""
    return ", ".join(value for key, value in exchange.asked if key.lower() == name)


def first_sign_in(exchanges: Sequence[Exchange]) -> int:
    """Return which exchange signs in: the first that is no GET; of a sign-in by GET alone, the first of all."""
    return next((at for at, each in enumerate(exchanges) if each.method != "GET"), 0)


def before_sign_in(exchanges: Sequence[Exchange], parts: Sequence[Part]) -> list[tuple[Part, str]]:
    """Return the values of the session's cookies that were sent up to the request that signs in."""
    sent = {
        (name, value) for exchange in exchanges[: first_sign_in(exchanges) + 1] for name, value in raw_pairs(exchange)
    }
    return [(part, value) for part in parts for name, value in sorted(sent) if part == Part("cookie", name)]
