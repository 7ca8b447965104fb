"""WSTG-SESS-10: a token that was changed is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit import tokens
from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class ATokenIsVerified(Requirement):
    """Changes a claim, and signs the same claims with another key."""

    wstg, name = "WSTG-SESS-10", "a token's signature is verified"
    asvs, level = "v5.0.0-9.1.1", 1
    sentence = "A token is taken only with a signature that fits."

    def judge(self, audit: RunningAudit) -> Finding:
        copy = audit.first.copy
        found = tokens.in_session(audit.session.values(copy))
        if not found:
            return Finding("not asked", "not asked: no JSON Web Token was found in the session")
        for part, token in found.items():
            for what, forged in {
                "a changed claim": tokens.changed_claim(token),
                "the signature of another key": tokens.signed(token),
            }.items():
                if audit.opens_with(copy, part, forged):
                    return failed(f"the token in the {part} is accepted with {what}.")
        return passed()
