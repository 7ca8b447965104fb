"""WSTG-SESS-10: an expired token is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cookieproof.promises.audit import tokens
from cookieproof.promises.audit.finding import Finding, failed, passed, warning
from cookieproof.promises.audit.requirement_of_tokens import RequirementOfTokens
from cookieproof.promises.audit.time_passing import MARGIN

if TYPE_CHECKING:
    from cookieproof.promises.audit.copies import Part
    from cookieproof.promises.audit.running_audit import RunningAudit


class AnExpiredTokenIsRefused(RequirementOfTokens):
    """Moves the site's clock past the token's exp, and sends a copy outside the browser."""

    wstg, name = "WSTG-SESS-10", "an expired token is refused"
    asvs, level = "v5.0.0-9.2.1", 1
    sentence = "A token is taken only within its time."
    moves_clock = True

    def judge_tokens(self, audit: RunningAudit, found: Mapping[Part, str]) -> Finding:
        copy = audit.signed_in()
        for part, token in tokens.in_session(audit.session.values(copy)).items():
            if (ends := tokens.expiry(token)) is None:
                return warning(f"the token in the {part} has no exp, so it never ends by itself.")
            with audit.time.site_ahead() as site_moves:
                site_moves(ends + MARGIN - audit.clock.now())
                if audit.opens(copy):
                    return failed(f"the token in the {part} is accepted after its exp, {ends:%Y-%m-%d %H:%M:%S} UTC.")
        return passed()
