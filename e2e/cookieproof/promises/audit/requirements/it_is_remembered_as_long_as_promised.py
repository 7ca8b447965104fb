"""WSTG-SESS-07: a person is remembered as long as promised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.cookies_seen import quoted_names
from cookieproof.promises.audit.finding import Finding, failed, not_decidable, passed
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.promises.audit.time_passing import MARGIN
from cookieproof.words import duration

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class ItIsRememberedAsLongAsPromised(Requirement):
    """Sends only what outlives the browser, outside it, shortly before and after the end."""

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
        ends = begins + account.remembered
        lasting = [each.name for each in audit.visitor.stored_list if each.expires]
        copy = audit.copy()
        kept = [part for part in copy.parts if part.kind == "cookie" and part.name in lasting]
        if not kept:
            return not_decidable(
                "no cookie that outlives the browser was set: what pages keep in storage is not looked at here"
            )
        with audit.time.site_ahead() as site_moves:
            if not audit.opens(copy, only=kept):
                return failed(f"the cookies that outlive the browser, {quoted_names(lasting)}, sign nobody in.")
            site_moves(ends - MARGIN - audit.clock.now())
            if not audit.opens(copy, only=kept):
                return failed(
                    f"{duration(MARGIN)} before {duration(account.remembered)} are over the server has forgotten."
                )
            site_moves(2 * MARGIN)
            if audit.opens(copy, only=kept):
                return failed(
                    f"{duration(MARGIN)} after {duration(account.remembered)} are over the server still remembers, "
                    "whatever "
                    "the browser does with its cookie."
                )
        return passed()
