"""Why a deletion did not delete: the ``Set-Cookie`` that set the cookie, and the one that was meant to end it.

A browser deletes a cookie when it accepts a ``Set-Cookie`` of the same name, domain (or
host-only) and path that has expired (RFC 6265bis, 5.7). Each function below is one reason why it does not,
in the order in which a browser checks.
"""

from __future__ import annotations

from collections.abc import Sequence

from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.cookies.refusals import is_trusted, of_another_site, refusal, suspicion
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.errors import near_miss
from cookieproof.words import printable, shown

Sent = tuple[Exchange, SetCookie]


def deletes(exchange: Exchange, cookie: SetCookie) -> bool:
    """Return whether this ``Set-Cookie`` of the exchange expires its cookie at once."""
    expires = cookie.expires(exchange.time)
    return expires is not None and expires <= exchange.time


def failure(
    name: str, sent: Sequence[Sent], held: Sequence[StoredCookie], *, is_sent: bool, wire: Sequence[Exchange] = ()
) -> str:
    """Return why the cookie ``name``, once set, counts as not deleted, as a clause; an empty text if it was deleted.

    ``sent`` are this visitor's ``Set-Cookie`` headers of any name, oldest first, ``held`` what
    the browser holds of the name; ``wire`` are all exchanges: a ``Clear-Site-Data`` may have deleted any.
    """
    ours = [each for each in sent if each[1].name == name]
    lives = is_sent or held
    if any(deletes(*each) for each in ours):
        why = cause(held[0], ours) if held else ""
        return f"it lives on: {why}".removesuffix(": ") if lives else ""
    if lives and (why := never_expired(ours)):
        return f"it lives on: {why}"
    if lives and (why := not_cleared(wire)):
        return f"it lives on: {why}"
    others = {cookie.name for exchange, cookie in sent if deletes(exchange, cookie)}
    state = "and it lives on" if lives else "though it is gone: it ended in another way"
    hint = f". Deleted instead: {', '.join(map(shown, sorted(others)))}" if others else ""
    if near := near_miss(name, others):
        hint = f'. A response deleted "{shown(near)}": did you mean "{shown(name)}"?'
    if lives and held and all(each.http_only for each in held):
        hint = f". No script can, since it is HttpOnly{hint}"
    return f"no response deleted it, {state}{hint}"


def cause(held: StoredCookie, sent: Sequence[Sent]) -> str:
    """Return why a deletion left the held cookie, as words to follow "it lives on:"; an empty text if unknown.

    ``sent`` are this visitor's ``Set-Cookie`` headers of the cookie's name, oldest first;
    at least one of them deletes.
    """
    last = max(place for place, (exchange, cookie) in enumerate(sent) if deletes(exchange, cookie))
    deletion, later = sent[last], [each for each in sent[last + 1 :] if _is_of(each, held)]
    setting = next((each for each in reversed(sent[:last]) if _is_of(each, held)), None)
    return (
        _set_again(deletion, later)
        or _rejected(deletion, held)
        or _answers_another_site(deletion)
        or _elsewhere(held, setting, deletion)
        or _not_taken(deletion)
    )


def not_cleared(wire: Sequence[Exchange]) -> str:
    """Return why the last ``Clear-Site-Data`` that was to clear cookies cleared none; an empty text without one."""
    meant = [each for each in wire if each.lacks_quotes or each.clears_cookies]
    if not meant:
        return ""
    last = meant[-1]
    by = f"{last.method} {printable(last.path)}"
    if last.lacks_quotes:
        return f"browsers ignore the Clear-Site-Data of {by} ({shown(last.clear_site_data or '')}): it lacks quotes"
    if not is_trusted(last):
        return f"browsers ignore the Clear-Site-Data of {by}, which came over plain http from {printable(last.host)}"
    return ""


def never_expired(sent: Sequence[Sent]) -> str:
    """Return the last header with an empty value but no end in the past, meant as a deletion; else an empty text."""
    emptied = [each for each in sent[1:] if not each[1].value]
    if not emptied:
        return ""
    exchange, cookie = emptied[-1]
    return (
        f"{exchange.method} {printable(exchange.path)} only emptied it ({cookie}): a cookie is deleted by Max-Age=0 or "
        "an Expires in the past"
    )


def _set_again(deletion: Sent, later: Sequence[Sent]) -> str:
    if not later:
        return ""
    exchange, cookie = later[0]
    if exchange == deletion[0]:
        return f"the response that deleted it set it again ({cookie})"
    return f"it was deleted, and then set again by {exchange.method} {printable(exchange.path)} ({cookie})"


def _rejected(deletion: Sent, held: StoredCookie) -> str:
    why = refusal(*deletion, [held])
    return f"the browser refuses the deletion itself, since {why} ({deletion[1]})" if why else ""


def _not_taken(deletion: Sent) -> str:
    why = suspicion(*deletion)
    return f"the browser did not take the deletion, since {why}" if why else ""


def _answers_another_site(deletion: Sent) -> str:
    if not of_another_site(*deletion):
        return ""
    return "another site asked for the response that deletes it, so that it may not touch a SameSite cookie"


def _elsewhere(held: StoredCookie, setting: Sent | None, deletion: Sent) -> str:
    exchange, cookie = deletion
    was_parted = setting is not None and setting[1].is_partitioned
    if was_parted != cookie.is_partitioned:
        return (
            f"it was set {_with(was_parted)} Partitioned and deleted {_with(not was_parted)}, which is another cookie"
        )
    there, here = _place(held.domain), _place(cookie.domain(exchange.host) or exchange.host)
    if there != here:
        return f"it was set for {there} and deleted for {here}"
    path = cookie.path(exchange.path)
    if held.path == path:
        if held.partition and cookie.is_partitioned:  # all else is as it was set, so that it was deleted in another
            return f"it is kept{held.where}, and was deleted outside of them, where it is another cookie"
        return ""
    return f"it was set for the path {shown(held.path)} and deleted for the path {shown(path)}"


def _is_of(sent: Sent, held: StoredCookie) -> bool:
    exchange, cookie = sent
    return (cookie.domain(exchange.host), cookie.path(exchange.path)) == (held.domain, held.path)


def _place(domain: str) -> str:
    if domain.startswith("."):
        return f"every host of {shown(domain[1:])} (Domain={shown(domain[1:])})"
    return f"only {domain} (no Domain)"


def _with(there: bool) -> str:
    return "with" if there else "without"
