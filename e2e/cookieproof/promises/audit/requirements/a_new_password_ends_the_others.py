"""WSTG-SESS-11: who changes the password is rid of all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.cookies_seen import quoted_names
from cookieproof.promises.audit.finding import Finding, not_decidable, passed, warning
from cookieproof.promises.audit.remembered import lasting
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


OFFERED = "That is right only if the page offers to end it."


class ANewPasswordEndsTheOthers(Requirement):
    """Signs in three times, changes the password in the last session, and sends copies of the others.

    The first of them was begun by ``remember``, if that is declared: then what outlives that browser is sent, too.
    """

    wstg, name = "WSTG-SESS-11", "a new password ends the other sessions"
    asvs, level = "v5.0.0-7.4.3", 2
    sentence = "After a change of the password all other sessions end, or can be ended."
    needs = ("change_password",)

    def judge(self, audit: RunningAudit) -> Finding:
        change = audit.account.change_password
        assert change is not None
        remember = audit.account.remember
        first = audit.begin_life(remember) if remember is not None else None
        oldest = first.copy if first else audit.signed_in()
        kept = lasting(first, audit.session.parts) if first else []
        others = {"the oldest": oldest, "the newest": audit.signed_in()}
        audit.sign_in()
        # What remembers begins a session anew: the session itself is seen without it.
        known = {which: [part for part in each.parts if part not in kept] for which, each in others.items()}
        lives = [which for which, each in others.items() if audit.opens(each, only=known[which])]
        if not lives:
            return not_decidable("the site has ended the other session when somebody signed in again")
        audit.person.take(change)
        for which in lives:
            if audit.opens(others[which], only=known[which]):
                return warning(f"another session lives on after the password was changed, {which} of two. {OFFERED}")
        if kept and audit.opens(oldest, only=kept):
            names = quoted_names(part.name for part in kept)
            return warning(
                f"what remembers the person in another browser, {names}, signs in after the password was changed. "
                f"{OFFERED}"
            )
        return passed()
