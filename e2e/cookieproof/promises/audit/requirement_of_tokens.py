"""What the requirements of JSON Web Tokens have in common: they are asked where the session has one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cookieproof.promises.audit import tokens
from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.copies import Part
    from cookieproof.promises.audit.running_audit import RunningAudit


class RequirementOfTokens(Requirement):
    """A row that is not asked where no part of the session is a token."""

    def judge(self, audit: RunningAudit) -> Finding:
        found = tokens.in_session(audit.session.values(audit.first.copy))
        if not found:
            return Finding("not asked", "not asked: no JSON Web Token was found in the session")
        return self.judge_tokens(audit, found)

    @abstractmethod
    def judge_tokens(self, audit: RunningAudit, found: Mapping[Part, str]) -> Finding:
        """As ``judge``; ``found`` are the tokens of the first life, by where they stand."""


class ForgedTokenIsRefused(RequirementOfTokens):
    """A row that is broken where the site takes a token that somebody else has made."""

    @abstractmethod
    def forged(self, token: str) -> dict[str, str]:
        """Return tokens made of this one, each by how it is forged: "with a changed claim"."""

    def judge_tokens(self, audit: RunningAudit, found: Mapping[Part, str]) -> Finding:
        copy = audit.live_copy()
        for part, token in tokens.in_session(audit.session.values(copy)).items():
            for how, forged in self.forged(token).items():
                if audit.opens_with(copy, part, forged):
                    return failed(f"the token in the {part} is accepted {how}.")
        return passed()
