"""WSTG-SESS-03: a value that somebody invented does not become the session."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from cookieproof.errors import CookieproofError
from cookieproof.promises.audit.finding import Finding, failed, not_decidable, passed
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.words import shown

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit

SECONDS = 3.0  # for what a sign-in waits that may be kept from it


class AnInventedValueIsNotAdopted(Requirement):
    """Plants an invented value in the browser before it signs in."""

    wstg, name = "WSTG-SESS-03", "an invented value is not adopted"
    asvs, level = "v5.0.0-7.2.4", 1
    sentence = "The site takes no value for a session that it has not made itself."

    def judge(self, audit: RunningAudit) -> Finding:
        parts = [part for part in audit.session.parts if part.kind == "cookie"]
        if not parts:
            return not_decidable("the session is no cookie, so nobody can plant one")
        invented = {part: secrets.token_urlsafe(24) for part in parts}
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
