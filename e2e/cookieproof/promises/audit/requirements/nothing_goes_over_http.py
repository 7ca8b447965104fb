"""WSTG-SESS-09: nothing of the session goes over http."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.copies import Part
from cookieproof.promises.audit.finding import Finding, failed, not_decidable, passed, warning
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class NothingGoesOverHttp(Requirement):
    """Looks which cookies the browser would send to http, and whether they alone are taken.

    HSTS is no answer to it: it protects nobody who comes for the first time.
    """

    wstg, name = "WSTG-SESS-09", "nothing of the session goes over http"
    asvs, level = "v5.0.0-12.2.1", 1
    sentence = "Who signed in over https sends nothing of the session over http."

    def judge(self, audit: RunningAudit) -> Finding:
        if not audit.person.is_secure:
            return not_decidable("the site is had over http only")
        open_parts = [Part("cookie", each.name) for each in audit.session_cookies() if not each.secure]
        if open_parts and audit.opens(audit.live_copy(), only=open_parts):
            return failed(
                f"the browser sends {' and '.join(map(str, open_parts))} over http too, without Secure, and that "
                "is all the "
                "server needs."
            )
        for exchange in audit.first.exchanges:
            if exchange.scheme == "http" and {part.name for part in audit.session.parts} & exchange.cookies.keys():
                return failed(f"{exchange} sent the session over http.")
        answer = audit.outside.ask("GET", audit.person.origin.replace("https:", "http:", 1), audit.account.private, ())
        if not answer.header("location").startswith("https:") and answer.status < 400:
            return warning(f"http is answered with {answer.status}, and not led to https.")
        return passed()
