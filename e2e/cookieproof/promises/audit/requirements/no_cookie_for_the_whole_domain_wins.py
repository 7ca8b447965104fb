"""WSTG-SESS-03: another host of the site cannot plant a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.errors import CookieproofError
from cookieproof.promises.audit.cookies_seen import quoted_names
from cookieproof.promises.audit.finding import Finding, not_decidable, passed, warning
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit

SECONDS = 3.0  # for what a sign-in waits that may be kept from it


class NoCookieForTheWholeDomainWins(Requirement):
    """Has a page of a host below the site's set cookies for the whole domain, before the sign-in and after it.

    A name that begins with __Host- cannot be set so.
    """

    wstg, name = "WSTG-SESS-03", "another host of the site cannot plant a session"
    asvs, level = "", 2
    sentence = "A cookie that another host sets for the whole domain does not replace the session."

    def judge(self, audit: RunningAudit) -> Finding:
        person, private = audit.person, audit.account.private
        names = [each for each in audit.session.cookies if not each.startswith("__Host-")]
        if not names:
            return passed("a name that begins with __Host- cannot be set for a domain")
        planted: list[str] = []
        try:
            audit.sign_in(before=lambda: planted.append(audit.attacker.plant_for_domain(names)), seconds=SECONDS)
            wins = False
        except CookieproofError:
            wins = True
        if not planted or not planted[0]:
            return not_decidable(f"browsers let no host below {person.host} set cookies for it")
        if wins:
            return warning(
                f"a page of {planted[0]} had set {quoted_names(names)} for the whole domain, and the sign-in did not "
                "replace it: begin the name with __Host-."
            )
        audit.attacker.plant_for_domain(names)
        if person.look(private, expected=True):
            return passed()
        return warning(
            f"a page of {planted[0]} has set {quoted_names(names)} for the whole domain, and the site took that for "
            "the session: begin the name with __Host-."
        )
