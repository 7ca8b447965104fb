"""Signs in again outside the browser, by the requests of a sign-in that was recorded."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from cookieproof.cookies.exchange import Exchange
from cookieproof.promises.audit.cookies_seen import answered, text_of
from cookieproof.promises.audit.copies import Part, origin_of
from cookieproof.promises.audit.outside import Answer
from cookieproof.promises.audit.renewals import raw_pairs
from cookieproof.promises.audit.session import ASKED_FOR_ITSELF, ends
from cookieproof.promises.audit.sign_ins import check_that_it_is_not_locked
from cookieproof.words import counted

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit

SECONDS = 2.0  # for how long sign-ins are sent again
# What a site may make anew for each sign-in has this form: a form's token, a code, a cookie's value.
WORD = re.compile(r"[\w.~+/=%-]{8,}")


def values_of(audit: RunningAudit, most: int) -> list[dict[Part, str]]:
    """Return the session's values of up to so many sign-ins, as many as come in ``SECONDS``.

    An empty list where the requests do not sign in, which the first and the last must be seen to do, and where the
    clock cannot be moved: two sign-ins are a second apart, which would have to be waited for.
    """
    replay, found = Replay(audit), list[dict[Part, str]]()

    def signs_in(values: dict[Part, str]) -> bool:
        return audit.first.copy.opens(audit.outside, put=values)

    until = time.monotonic() + SECONDS
    while replay.is_possible and len(found) < most and time.monotonic() < until and not audit.no_clock:
        if not audit.may_sign_in:
            break
        audit.wait_a_second()
        values = replay.sign_in()
        check_that_it_is_not_locked(replay.answered, audit.sign_ins + 1)
        if values.keys() != {*audit.session.parts} or (not found and not signs_in(values)):
            break
        audit.count_a_sign_in()
        found.append(values)
    if not found or not signs_in(found[-1]):  # a site that takes only so many, say
        return []
    audit.note(f"signed in {counted(len(found), 'time')} by the requests of a sign-in, outside the browser")
    return found


class Replay:
    """The requests of the first life up to the one that signed in; ``answered`` are those of the last sign-in.

    Each time begins without cookies. Where an answer differs from the recorded one, the requests that follow have what
    came in place of what was recorded.
    """

    def __init__(self, audit: RunningAudit) -> None:
        self._audit, self._copy = audit, audit.first.copy
        self._asked = _up_to_the_sign_in(audit)
        self.answered: list[Exchange] = []
        self._cookies: dict[str, str] = {}
        self._swaps: dict[str, str] = {}

    @property
    def is_possible(self) -> bool:
        """Whether there is a request that may sign in."""
        return bool(self._asked)

    def sign_in(self) -> dict[Part, str]:
        """Send the requests, and return the values of the session that came, by its parts."""
        self.answered, self._cookies, self._swaps = [], {}, {}
        for each in self._asked:
            answer = self._sent(each)
            self.answered.append(replace(each, status=answer.status))
            self._learn(each, answer)
        found = {}
        for part in self._audit.session.parts:
            was = self._copy.value(part) or ""
            value = self._cookies.get(part.name) if part.kind == "cookie" else self._swapped(was)
            if value and (part.kind == "cookie" or value != was):
                found[part] = value
        return found

    def _sent(self, recorded: Exchange) -> Answer:
        headers = [(name, self._swapped(value)) for name, value in recorded.asked if name.lower() != "cookie"]
        names = [name for name, _ in raw_pairs(recorded) if name in self._cookies]
        if names:
            headers.append(("Cookie", "; ".join(f"{name}={self._cookies[name]}" for name in names)))
        target, body = self._swapped(recorded.target or recorded.path), recorded.asked_body or b""
        body = self._swapped(body.decode("latin-1")).encode("latin-1", "replace")
        return self._audit.outside.ask(recorded.method, origin_of(recorded), target, headers, body)

    def _learn(self, recorded: Exchange, answer: Answer) -> None:
        before = {cookie.name: cookie.value for cookie in recorded.set_cookies}
        for cookie in answer.set_cookies:
            self._cookies[cookie.name] = cookie.value
            if len(before.get(cookie.name, "")) >= len("12345678"):
                self._swaps[before[cookie.name]] = cookie.value
        self._swaps |= _differing(text_of(recorded), answer.body)
        self._swaps |= _differing(answered(recorded, "location"), answer.header("location"))

    def _swapped(self, text: str) -> str:
        for old, new in self._swaps.items():
            text = text.replace(old, new).replace(quote_plus(old), quote_plus(new))
        return text


def _up_to_the_sign_in(audit: RunningAudit) -> list[Exchange]:
    """Return the requests up to the last that is no GET, or whose answer has a value of the session."""
    asked = [each for each in audit.first.exchanges if each.fetch_dest not in ASKED_FOR_ITSELF and ends(each)]
    secrets = audit.secrets(audit.first.copy)
    signs_in = [
        each.method != "GET"
        or any(cookie.name in audit.session.cookies for cookie in each.set_cookies)
        or any(value in text_of(each) for value in secrets)
        for each in asked
    ]
    return asked[: len(signs_in) - signs_in[::-1].index(True)] if any(signs_in) else []


def _differing(before: str, after: str) -> dict[str, str]:
    """Return what stands in place of what, where two texts are the same but for some words."""
    old, new = WORD.findall(before), WORD.findall(after)
    return {one: other for one, other in zip(old, new, strict=True) if one != other} if len(old) == len(new) else {}
