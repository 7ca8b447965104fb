"""What a cookie is judged by once it is seen: whether it is as the site last set it, its age, its attributes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from cookieproof.cookies.cookie_event import CookieEvent, Place
from cookieproof.cookies.deletions import Sent
from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.promises.cookie_state import CookieState
from cookieproof.words import duration, quoted


@dataclass(frozen=True)
class Failure:
    """What is said of the cookie, a sentence that says why (without its full stop), and whether a name may be wrong."""

    what: str
    cause: str = ""
    hint: bool = False


def held(state: CookieState, promise: str) -> StoredCookie | Failure:
    """What the browser holds of it, as the site last set it."""
    cookie = state.chosen()
    if cookie is None:
        return Failure(f"{promise}, but the browser does not hold it", state.why_not_there(), hint=True)
    if cause := as_before(state):
        return Failure(f"{promise}, but the browser holds it as it was before", cause)
    return cookie


def as_before(state: CookieState) -> str:
    refused = state.last_refused()
    return refused.sentence if refused else ""


def off(promise: str, held: StoredCookie, setting: CookieEvent, age: timedelta, within: timedelta) -> Failure | None:
    """Whether its age is another. When a script set it is known only by two snapshots: both must agree."""
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


def other_attributes(wanted: Mapping[str, object], held: StoredCookie, sent: Sent | None) -> Failure | None:
    asked = _asked_for(*sent) if sent else {}
    got: dict[str, object] = {
        "http_only": held.http_only,
        "secure": held.secure,
        "same_site": held.same_site,
        "path": held.path,
        "domain": held.domain[1:] if held.domain.startswith(".") else None,
    }
    for key, value in wanted.items():
        if asked and asked[key] != value:
            return Failure(f"should have {key}={quoted(value)}, but the site asked for {key}={quoted(asked[key])}")
        # Of what the site left out, a browser reports its default.
        if got[key] != value and not (key == "same_site" and value is None):
            return Failure(f"should have {key}={quoted(value)}, but the browser holds it with {key}={quoted(got[key])}")
    return None


def _asked_for(exchange: Exchange, cookie: SetCookie) -> dict[str, object]:
    attributes, place = cookie.attributes, Place.of(exchange, cookie)
    return {
        "http_only": "httponly" in attributes,
        "secure": "secure" in attributes,
        "same_site": cookie.same_site,
        "path": place.path,
        "domain": place.domain[1:] if place.domain.startswith(".") else None,
    }
