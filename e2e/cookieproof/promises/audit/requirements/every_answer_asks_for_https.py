"""WSTG-SESS-09: browsers are told to use https only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cookieproof.promises.audit.cookies_seen import answered
from cookieproof.promises.audit.finding import Finding, failed, not_decidable, passed, warning
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit

NO_PAGE = "/there-is-no-such-page"
YEAR = 31536000
AGE = re.compile(r"max-age\s*=\s*\"?(\d+)")


class EveryAnswerAsksForHttps(Requirement):
    """Reads the header of all answers of a life over https, of redirects, the sign-out and a missing page too."""

    wstg, name = "WSTG-SESS-09", "every answer asks for https"
    asvs, level = "v5.0.0-3.4.1", 1
    sentence = "All answers have Strict-Transport-Security of a year or more, from level 2 for all subdomains."

    def judge(self, audit: RunningAudit) -> Finding:
        if not audit.person.is_secure:
            return not_decidable("the site is had over http only")
        missing = audit.outside.ask("GET", audit.person.origin, NO_PAGE, ())
        said_of = [
            (str(each), answered(each, "strict-transport-security"))
            for each in (*audit.first.exchanges, *audit.signed_out_by)
            if each.scheme == "https" and each.host == audit.person.host
        ]
        said_of += [(f"GET {NO_PAGE}, a missing page,", missing.header("strict-transport-security"))]
        below = True
        for exchange, said in said_of:
            found = AGE.search(said.lower())
            if not found:
                return failed(f"{exchange} has no Strict-Transport-Security.")
            if int(found[1]) < YEAR:
                return failed(f"{exchange} asks for https for {found[1]} s only, less than a year: {said}.")
            below = below and "includesubdomains" in said.lower()
        if not below:
            return warning(
                "Strict-Transport-Security is without includeSubDomains, so other hosts of the site are left out."
            )
        return passed()
