"""WSTG-SESS-10: a token with the algorithm none is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit import tokens
from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class ATokenWithoutAlgorithmIsRefused(Requirement):
    """Takes the signature away, and says so in the head."""

    wstg, name = "WSTG-SESS-10", "a token without a signature is refused"
    asvs, level = "v5.0.0-9.1.2", 1
    sentence = "The algorithm none is refused."

    def judge(self, audit: RunningAudit) -> Finding:
        copy = audit.first.copy
        found = tokens.in_session(audit.session.values(copy))
        if not found:
            return Finding("not asked", "not asked: no JSON Web Token was found in the session")
        for part, token in found.items():
            for spelled in ("none", "None", "NONE"):
                if audit.opens_with(copy, part, tokens.unsigned(token, spelled)):
                    return failed(f'the token in the {part} is accepted without a signature, with "alg": "{spelled}".')
        return passed()
