"""WSTG-SESS-09: browsers are told to use https only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cookieproof.promises.audit.cookies_seen import answered
from cookieproof.promises.audit.finding import Finding, failed, not_decidable, passed, warning
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit

YEAR = 31536000
AGE = re.compile(r"max-age\s*=\s*\"?(\d+)")


class EveryAnswerAsksForHttps(Requirement):
    """Reads the header of all answers of a life over https, redirects too."""

    wstg, name = "WSTG-SESS-09", "every answer asks for https"
    asvs, level = "v5.0.0-3.4.1", 1
    sentence = "All answers have Strict-Transport-Security of a year or more, from level 2 for all subdomains."

    def judge(self, audit: RunningAudit) -> Finding:
        if not audit.person.is_secure:
            return not_decidable("the site is had over http only")
        below = True
        for exchange in audit.first.exchanges:
            said = answered(exchange, "strict-transport-security").lower()
            found = AGE.search(said)
            if exchange.scheme == "https" and not found:
                return failed(f"{exchange} has no Strict-Transport-Security.")
            if found and int(found[1]) < YEAR:
                return failed(f"{exchange} asks for https for {found[1]} s only, less than a year: {said}.")
            below = below and "includesubdomains" in said
        if not below:
            return warning(
                "Strict-Transport-Security is without includeSubDomains, so other hosts of the site are left out."
            )
        return passed()
