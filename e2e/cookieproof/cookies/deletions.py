"""Explains why a cookie was not deleted, from the ``Set-Cookie`` that set it and the one that was meant to delete it.

A browser deletes a cookie when it accepts a ``Set-Cookie`` of the same name, domain (or
host-only) and path that has expired (RFC 6265bis, 5.7). Each private function below is one reason why it does not,
in the order in which a browser checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.cookies.refusals import is_trusted, likely_refusal, refusal, violates_same_site
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.errors import nearest_name
from cookieproof.words import printable, shown

EPOCH_YEAR = 1971  # an Expires before the end of this year is meant as a deletion
Sent = tuple[Exchange, SetCookie]  # a Set-Cookie that the site sent, with its exchange


def deletes(exchange: Exchange, cookie: SetCookie) -> bool:
    """Return whether this ``Set-Cookie`` of the exchange deletes its cookie: whether it has expired by then."""
    expires = cookie.expires(exchange.time)
    return expires is not None and expires <= exchange.time


def past_expires(exchange: Exchange, cookie: SetCookie) -> timedelta | None:
    """Return by how much the ``Expires`` of this ``Set-Cookie`` had passed when the exchange was answered.

    None if it had not, or was not meant to set a cookie: for an empty value, for an ``Expires`` up to the end of 1971,
    and for a ``Max-Age``, which wins.
    """
    end = cookie.expires(exchange.time)
    has_age = cookie.rules.age(cookie.attributes.get("max-age", "")) is not None
    if not cookie.value or has_age or end is None or end > exchange.time or end.year <= EPOCH_YEAR:
        return None
    return exchange.time - end


def failure(
    name: str, sent: Sequence[Sent], held: Sequence[StoredCookie], *, is_sent: bool, wire: Sequence[Exchange] = ()
) -> str:
    """Return why the cookie ``name``, once set, counts as not deleted, as a clause; an empty text if it was deleted.

    ``sent`` are the ``Set-Cookie`` headers of any name that this visitor received, oldest first. ``held`` are the
    cookies of the name that the browser holds, and ``is_sent`` is whether it sends one. ``wire`` are all exchanges: a
    ``Clear-Site-Data`` in one of them may have deleted the cookie.
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
    if near := nearest_name(name, others):
        hint = f'. A response deleted "{shown(near)}": did you mean "{shown(name)}"?'
    if lives and held and all(each.http_only for each in held):
        hint = f". No script can, since it is HttpOnly{hint}"
    return f"no response deleted it, {state}{hint}"


def cause(held: StoredCookie, sent: Sequence[Sent]) -> str:
    """Return why a deletion left the held cookie, as words to follow "it lives on:"; an empty text if unknown.

    ``sent`` are the ``Set-Cookie`` headers of the cookie's name that this visitor received, oldest first;
    at least one of them deletes.
    """
    last = max(place for place, (exchange, cookie) in enumerate(sent) if deletes(exchange, cookie))
    deletion, later = sent[last], [each for each in sent[last + 1 :] if _is_in_scope(each, held)]
    setting = next((each for each in reversed(sent[:last]) if _is_in_scope(each, held)), None)
    return (
        _set_again(deletion, later)
        or _rejected(deletion, held)
        or _same_site_violated(deletion)
        or _another_scope(held, setting, deletion)
        or _likely_refused(deletion)
    )


def not_cleared(wire: Sequence[Exchange]) -> str:
    """Return why the last ``Clear-Site-Data`` for cookies cleared none, as a clause; an empty text without one."""
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
    """Return that the last ``Set-Cookie`` with an empty value did not delete, as a clause; else an empty text."""
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


def _likely_refused(deletion: Sent) -> str:
    why = likely_refusal(*deletion)
    return f"the browser did not take the deletion, since {why}" if why else ""


def _same_site_violated(deletion: Sent) -> str:
    if not violates_same_site(*deletion):
        return ""
    return "another site asked for the response that deletes it, so that it may not touch a SameSite cookie"


def _another_scope(held: StoredCookie, setting: Sent | None, deletion: Sent) -> str:
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


def _is_in_scope(sent: Sent, held: StoredCookie) -> bool:
    exchange, cookie = sent
    return (cookie.domain(exchange.host), cookie.path(exchange.path)) == (held.domain, held.path)


def _place(domain: str) -> str:
    if domain.startswith("."):
        return f"every host of {shown(domain[1:])} (Domain={shown(domain[1:])})"
    return f"only {domain} (no Domain)"


def _with(there: bool) -> str:
    return "with" if there else "without"
