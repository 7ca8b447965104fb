"""WSTG-SESS-07: a person is remembered as long as promised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cookieproof.promises.audit.cookies_seen import quoted_names
from cookieproof.promises.audit.finding import Finding, failed, not_decidable, passed
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.promises.audit.time_passing import MARGIN, renewed
from cookieproof.words import duration

if TYPE_CHECKING:
    from cookieproof.promises.audit.copies import Copy, Part
    from cookieproof.promises.audit.running_audit import RunningAudit


class ItIsRememberedAsLongAsPromised(Requirement):
    """Sends only what outlives the browser, outside it, at once and shortly before and after the end.

    What an answer sets anew is taken over. A cookie that the browser has dropped by then is not sent.
    """

    wstg, name = "WSTG-SESS-07", "who is remembered is so as long as promised"
    asvs, level = "", 1
    sentence = "Who asked to be remembered is signed in for as long as is promised, and no longer."
    needs = ("remember", "remembered")
    moves_clock = True

    def judge(self, audit: RunningAudit) -> Finding:
        account = audit.account
        assert account.remember is not None
        assert account.remembered is not None
        begins = audit.clock.now()
        audit.sign_in(account.remember)
        # Only the site knows at which second of the sign-in this began.
        ends, ends_by = begins + account.remembered, audit.clock.now() + account.remembered
        lasting = {each.name: each.expires for each in audit.visitor.stored_list if each.expires}
        copy = audit.copy()
        kept = [part for part in copy.parts if part.kind == "cookie" and part.name in lasting]
        # A session that what remembers has begun lives on by itself.
        own = [part for part in kept if part.name not in audit.session.cookies]
        kept = own or kept
        if not kept:
            return not_decidable(
                "no cookie that outlives the browser was set: what pages keep in storage is not looked at here"
            )
        with audit.time.site_ahead() as site_moves:
            used = self._use(audit, copy, kept, lasting)
            if used is None:
                return failed(f"the cookies that outlive the browser, {quoted_names(lasting)}, sign nobody in.")
            site_moves(ends - MARGIN - audit.clock.now())
            now = audit.clock.now()
            held = [part for part in kept if lasting[part.name] > now]
            if (later := self._use(audit, used, held, lasting)) is None:
                if len(held) < len(kept) and audit.opens(used, only=kept):
                    first, when = min((lasting[part.name], part.name) for part in kept if part not in held)[::-1]
                    return failed(
                        f"the browser drops {quoted_names([first])} after {duration(_in_minutes(when - begins))}, and "
                        f"{duration(account.remembered)} are promised."
                    )
                return failed(
                    f"{duration(MARGIN)} before {duration(account.remembered)} are over the server has forgotten."
                )
            site_moves(ends_by + MARGIN - audit.clock.now())
            if audit.opens(later if own else copy, only=kept):
                return failed(
                    f"{duration(MARGIN)} after {duration(account.remembered)} are over the server still remembers, "
                    "whatever the browser does with its cookie."
                )
        return passed()

    def _use(self, audit: RunningAudit, copy: Copy, kept: Sequence[Part], lasting: dict[str, datetime]) -> Copy | None:
        """Send these cookies alone, and return the copy with what the answer has set; ``lasting`` gets its ends.

        A token that is good for once is set anew at each use.
        """
        answer = copy.sent(audit.outside, only=kept)
        taken = copy.witness.tells(answer)
        audit.note(f"what outlives the browser {'works' if taken else 'is refused'} outside the browser")
        for cookie in answer.set_cookies:
            if cookie.name in lasting and (until := cookie.expires(audit.clock.now())):
                lasting[cookie.name] = until
        return renewed(copy, answer) if taken else None


def _in_minutes(time: timedelta) -> timedelta:
    """Return the time in whole minutes, since a sign-in takes its seconds."""
    return timedelta(minutes=round(time / timedelta(minutes=1)))
