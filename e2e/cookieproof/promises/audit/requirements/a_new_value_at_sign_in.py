"""WSTG-SESS-03: who knows the value before a sign-in has nothing after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.errors import CookieproofError
from cookieproof.promises.audit.cookies_seen import before_sign_in, first_sign_in
from cookieproof.promises.audit.finding import Finding, Undecidable, failed, passed, warning
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.copies import Copy
    from cookieproof.promises.audit.running_audit import RunningAudit

SECONDS = 2.0  # for what a sign-in waits that somebody signed in may be kept from


class ANewValueAtSignIn(Requirement):
    """Visits the site first, signs in with what that left, and sends the old values again outside the browser.

    Then signs in once more, in the same browser.
    """

    wstg, name = "WSTG-SESS-03", "signing in gives a new session"
    asvs, level = "v5.0.0-7.2.4", 1
    sentence = "The sign-in makes a new session and ends the one before."

    def judge(self, audit: RunningAudit) -> Finding:
        exchanges = audit.sign_in(before=lambda: audit.person.look(audit.account.private, expected=False))
        copy = audit.copy()
        for part, old in before_sign_in(exchanges, audit.session.parts):
            if old == copy.value(part):
                return failed(
                    f"the {part} has the same value after the sign-in as before it: whoever has seen or set it before "
                    "is signed in too."
                )
            if audit.opens_with(copy, part, old):
                return failed(
                    f"the value that the {part} had before the sign-in is still accepted after it: whoever has "
                    "seen or set it before is signed in too."
                )
        return self._again(audit, copy) if audit.session.cookies else passed()

    def _again(self, audit: RunningAudit, first: Copy) -> Finding:
        """Sign in once more in the same browser, which still has the first session."""
        before = len(audit.visitor.wire)
        try:
            audit.sign_in(anew=False, seconds=SECONDS)
        except Undecidable as why:
            return passed(f"signing in again was not tried: {why}", untried=True)
        except CookieproofError:
            return passed("signing in again was not tried: who is signed in has no way to")
        wire = audit.visitor.wire
        audit.follow(wire[: before + first_sign_in(wire[before:])])  # what came before it is the first session still
        if audit.opens(first) and not first.comes_from_a_cache(audit.outside, living=audit.copy()):
            return warning(
                "signing in again in the same browser leaves the session before alive, though nobody has it any more "
                "but who has copied it."
            )
        return passed()
