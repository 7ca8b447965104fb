"""Compares a cookie that the browser holds with what is expected: its last value, its age, its attributes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from cookieproof.cookies.cookie_event import CookieEvent, CookieScope
from cookieproof.cookies.deletions import Sent
from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.promises.cookie_state import CookieState
from cookieproof.words import duration, quoted


@dataclass(frozen=True)
class Failure:
    """``what`` is wrong with the cookie, and its ``cause`` (without a full stop).

    ``hint`` is whether the failure suggests another cookie name that is spelled similarly.
    """

    what: str
    cause: str = ""
    hint: bool = False


def held_cookie(state: CookieState, promise: str) -> StoredCookie | Failure:
    """Return the cookie that the browser holds; a ``Failure`` if there is none, or not as the site last set it."""
    cookie = state.chosen()
    if cookie is None:
        return Failure(f"{promise}, but the browser does not hold it", state.why_not_there(), hint=True)
    if cause := why_unchanged(state):
        return Failure(f"{promise}, but the browser holds it as it was before", cause)
    return cookie


def why_unchanged(state: CookieState) -> str:
    """Return why the browser refused the cookie's last ``Set-Cookie``, as a sentence; empty if it did not."""
    refused = state.last_refused()
    return refused.sentence if refused else ""


def wrong_age(
    promise: str, held: StoredCookie, setting: CookieEvent, age: timedelta, within: timedelta
) -> Failure | None:
    """Return a ``Failure`` if the cookie does not expire at ``age`` ± ``within`` after it was set; else None.

    When a script set it is known only to be between two snapshots: the age must be right for both.
    """
    assert held.expires
    ages = [held.expires - setting.until, held.expires - setting.since]
    # In seconds, since the difference of two timedeltas may be larger than a timedelta can hold.
    off = [abs(each.total_seconds() - age.total_seconds()) > within.total_seconds() for each in ages]
    if not any(off):
        return None
    what = f"{promise} (within {duration(within)}), but"
    if all(off) or not setting.by_script:
        return Failure(f"{what} expires {duration(ages[0])} after")
    span = f"between {setting.since:%H:%M:%S} and {setting.until:%H:%M:%S} UTC"
    return Failure(f"{what} it is only known that {setting.by} set it {span}: expect it right after the step")


def wrong_attribute(
    wanted: Mapping[str, object], held: StoredCookie, sent: Sent | None, *, reports_partitions: bool
) -> Failure | None:
    """Return a ``Failure`` for the first attribute of ``wanted`` that the cookie does not have; else None.

    ``reports_partitions`` is whether the browser reports a cookie's partition.
    """
    asked = _asked_for(*sent) if sent else {}
    got: dict[str, object] = {
        "http_only": held.http_only,
        "secure": held.secure,
        "same_site": held.same_site,
        "path": held.path,
        "domain": held.domain[1:] if held.domain.startswith(".") else None,
    }
    if reports_partitions:
        got["partitioned"] = held.partition is not None
    for key, value in wanted.items():
        if asked and asked[key] != value:
            return Failure(f"should have {key}={quoted(value)}, but the site asked for {key}={quoted(asked[key])}")
        if key not in got:
            if not asked:
                why = f"no response set it, and the browser does not tell {key}"
                return Failure(f"should have {key}={quoted(value)}, but {why}")
            continue
        # For an attribute that the site left out, a browser reports its own default.
        if got[key] != value and not (key == "same_site" and value is None):
            return Failure(f"should have {key}={quoted(value)}, but the browser holds it with {key}={quoted(got[key])}")
    return None


def _asked_for(exchange: Exchange, cookie: SetCookie) -> dict[str, object]:
    attributes, scope = cookie.attributes, CookieScope.of(exchange, cookie)
    return {
        "http_only": "httponly" in attributes,
        "secure": "secure" in attributes,
        "same_site": cookie.same_site,
        "partitioned": cookie.is_partitioned,
        "priority": cookie.priority,
        "path": scope.path,
        "domain": scope.domain[1:] if scope.domain.startswith(".") else None,
    }
