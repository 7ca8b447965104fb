"""WSTG-SESS-04: URLs, which are kept and sent on, hold no session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from cookieproof.promises.audit.cookies_seen import asked_for
from cookieproof.promises.audit.copies import Copy
from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.promises.audit.texts import stands_in

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import Life, RunningAudit

WRONG = "no value of any session"
SERVLETS = "jsessionid"  # Java servlets take the session from there (tracking mode URL)
USUAL_NAMES = ("session", "session_id", "sid", "token", "access_token", "auth")


class NoValueInAUrl(Requirement):
    """Looks at all URLs, Location and Referer headers of a life, and offers the value in the query and the path.

    The headers of a life that ``remember`` began are searched for what remembers the person, too.
    """

    wstg, name = "WSTG-SESS-04", "the session is in no URL"
    asvs, level = "v5.0.0-14.2.1", 1
    sentence = "URLs hold no value of a session."

    def judge(self, audit: RunningAudit) -> Finding:
        if found := _where("the session's value", audit.secrets(audit.first.copy), audit.first):
            return failed(found)
        values = audit.remembered.secrets()
        if values and (found := _where("the value by which a person is remembered", values, audit.remembered.life)):
            return failed(found)
        if audit.no_copies:
            return passed(f"no URL had it; whether the server takes it from a query was not tried: {audit.no_copies}")
        copy = audit.live_copy()
        for part in audit.session.parts:
            value = (copy.value(part) or "").removeprefix("Bearer ")
            bare = part.name.removeprefix("__Host-").removeprefix("__Secure-")
            for place, names in {"query": USUAL_NAMES, "path": (SERVLETS,)}.items():
                for name in dict.fromkeys((part.name, bare, *names)):
                    right, wrong = (_asked(copy, place, name, each) for each in (value, WRONG))
                    if audit.opens(right, only=()) and not audit.opens(wrong, only=()):
                        mark = ";" if place == "path" else ""
                        return failed(
                            f"the server accepts the session's value in the {place}, as {mark}{name}=, in place of "
                            f"{part}."
                        )
        return passed()


def _where(what: str, values: Sequence[str], life: Life) -> str:
    """Return a sentence of which URL or header of a life has one of the values; an empty text if none has."""
    for exchange in life.exchanges:
        places = {
            "URL": exchange.target or "",
            "Location": exchange.location or "",
            "Referer": asked_for(exchange, "referer"),
        }
        for place, text in places.items():
            if stands_in(text, values):
                return f"{what} stands in the {place} of {exchange}."
    return ""


def _asked(copy: Copy, place: str, name: str, value: str) -> Copy:
    """Return the copy with this parameter in the query, or as the path's (``/account;jsessionid=…``)."""
    path, mark, query = copy.witness.target.partition("?")
    if place == "path":
        return copy.at(f"{path};{name}={quote(value)}{mark}{query}")
    return copy.at(f"{path}?{f'{query}&' if query else ''}{urlencode({name: value})}")
