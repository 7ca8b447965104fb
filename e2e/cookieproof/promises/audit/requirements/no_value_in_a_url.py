"""WSTG-SESS-04: URLs, which are kept and sent on, hold no session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from cookieproof.promises.audit.cookies_seen import asked_for
from cookieproof.promises.audit.copies import Copy
from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit

WRONG = "no value of any session"
USUAL_NAMES = ("session", "session_id", "sid", "token", "access_token", "auth")


class NoValueInAUrl(Requirement):
    """Looks at all URLs, Location and Referer headers of a life, and offers the value in the query."""

    wstg, name = "WSTG-SESS-04", "the session is in no URL"
    asvs, level = "v5.0.0-14.2.1", 1
    sentence = "URLs hold no value of a session."

    def judge(self, audit: RunningAudit) -> Finding:
        values = audit.secrets(audit.first.copy)
        for exchange in audit.first.exchanges:
            places = {
                "URL": exchange.target or "",
                "Location": exchange.location or "",
                "Referer": asked_for(exchange, "referer"),
            }
            for place, text in places.items():
                if any(value in text for value in values):
                    return failed(f"the session's value stands in the {place} of {exchange}.")
        if audit.no_copies:
            return passed(f"no URL had it; whether the server takes it from a query was not tried: {audit.no_copies}")
        copy = audit.live_copy()
        for part in audit.session.parts:
            value = (copy.value(part) or "").removeprefix("Bearer ")
            bare = part.name.removeprefix("__Host-").removeprefix("__Secure-")
            for name in dict.fromkeys((part.name, bare, *USUAL_NAMES)):
                right, wrong = (_asked(copy, {name: each}) for each in (value, WRONG))
                if audit.opens(right, only=()) and not audit.opens(wrong, only=()):
                    return failed(
                        f"the server accepts the session's value in the query, as {name}=, in place of {part}."
                    )
        return passed()


def _asked(copy: Copy, query: Mapping[str, str]) -> Copy:
    """Return the copy with this query added to its target."""
    target = copy.witness.target
    return copy.at(f"{target}{'&' if '?' in target else '?'}{urlencode(query)}")
