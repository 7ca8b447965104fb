"""WSTG-SESS-03: a value that somebody invented does not become the session."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable, Mapping
from itertools import zip_longest
from typing import TYPE_CHECKING

from cookieproof.errors import CookieproofError
from cookieproof.promises.audit.finding import Finding, failed, not_decidable, passed
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.words import shown

if TYPE_CHECKING:
    from cookieproof.promises.audit.copies import Part
    from cookieproof.promises.audit.running_audit import RunningAudit

SECONDS = 3.0  # for what a sign-in waits that may be kept from it
MOST_INVENTIONS = 5
HEXADECIMAL = frozenset("0123456789abcdef")


class AnInventedValueIsNotAdopted(Requirement):
    """Plants invented values in the browser before it signs in: of the shape of the real ones, and of any other."""

    wstg, name = "WSTG-SESS-03", "an invented value is not adopted"
    asvs, level = "v5.0.0-7.2.4", 1
    sentence = "The site takes no value for a session that it has not made itself."

    def judge(self, audit: RunningAudit) -> Finding:
        parts = [part for part in audit.session.parts if part.kind == "cookie"]
        if not parts:
            return not_decidable("the session is no cookie, so nobody can plant one")
        first, second = (
            {part: copy.value(part) or "" for part in parts} for copy in (audit.session.copy, audit.first.copy)
        )
        inventions: tuple[Callable[[], Mapping[Part, str]], ...] = (
            lambda: {part: of_the_shape_of(first[part], second[part]) for part in parts},
            lambda: {part: secrets.token_urlsafe(24) for part in parts},
        )
        found = [self._twice(audit, invent) for invent in inventions]
        return next((each for each in found if each.outcome == "failed"), None) or found[0]

    def _twice(self, audit: RunningAudit, invent: Callable[[], Mapping[Part, str]]) -> Finding:
        """Plant an invented value, and another one if that was adopted: the site may have made a short one itself."""
        finding = self._planted(audit, _unknown(audit, invent))
        if finding.outcome == "failed" and audit.may_sign_in:
            return self._planted(audit, _unknown(audit, invent))
        return finding

    def _planted(self, audit: RunningAudit, invented: Mapping[Part, str]) -> Finding:
        try:
            audit.sign_in(before=lambda: audit.attacker.plant(invented), seconds=SECONDS)
        except CookieproofError:
            return not_decidable("nobody can sign in with a planted cookie, so what the site makes of it is not seen")
        copy = audit.copy()
        for part, value in invented.items():
            if copy.value(part) == value:
                return failed(f"the {part} has the value that was planted before the sign-in: {shown(value)}.")
        if audit.opens(copy, put=invented):
            return failed("the planted values are accepted after the sign-in, beside the new ones.")
        return passed()


def _unknown(audit: RunningAudit, invent: Callable[[], Mapping[Part, str]]) -> Mapping[Part, str]:
    """Return invented values that are no other session's: a short one may be.

    Where the site takes one after the other, it takes any, and that is to be found.
    """
    values = invent()
    for _ in range(MOST_INVENTIONS):
        if audit.no_copies or not audit.opens(audit.first.copy, put=values):
            break
        values = invent()
    return values


def of_the_shape_of(one: str, other: str) -> str:
    """Return an invented value of the length and the alphabet of these two.

    What both have in one place is kept: a prefix, a version, a separator; of a value that never changes nothing but the
    separators is, since it would be planted as it is.
    """
    places = [*zip_longest(one, other[: len(one)] if other != one else "")]
    varying = {letter.lower() for letter, compared in places if letter != compared and letter.isalnum()}
    small = "abcdef" if varying <= HEXADECIMAL else string.ascii_lowercase
    letters = []
    for letter, compared in places:
        kind = next((each for each in (string.digits, small, small.upper()) if letter in each), "")
        letters.append(secrets.choice(kind) if kind and letter != compared else letter)
    return "".join(letters)
