"""WSTG-SESS-10: a token that names its own key is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit import tokens
from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class ATokenBringsNoKey(Requirement):
    """Signs with a key that it puts into the head (jwk)."""

    wstg, name = "WSTG-SESS-10", "a token does not bring its own key"
    asvs, level = "v5.0.0-9.1.3", 1
    sentence = "The key comes from the site's configuration, not from the token."

    def judge(self, audit: RunningAudit) -> Finding:
        copy = audit.first.copy
        found = tokens.in_session(audit.session.values(copy))
        if not found:
            return Finding("not asked", "not asked: no JSON Web Token was found in the session")
        for part, token in found.items():
            if audit.opens_with(copy, part, tokens.with_its_key(token)):
                return failed(f"the token in the {part} is accepted with a key that it brings itself (jwk).")
        return passed()
