"""WSTG-SESS-10: a token that was changed is refused."""

from __future__ import annotations

from cookieproof.promises.audit import tokens
from cookieproof.promises.audit.requirement_of_tokens import ForgedTokenIsRefused


class ATokenIsVerified(ForgedTokenIsRefused):
    """Changes a claim, and signs the same claims with another key."""

    wstg, name = "WSTG-SESS-10", "a token's signature is verified"
    asvs, level = "v5.0.0-9.1.1", 1
    sentence = "A token is taken only with a signature that fits."

    def forged(self, token: str) -> dict[str, str]:
        return {
            "with a changed claim": tokens.changed_claim(token),
            "with the signature of another key": tokens.signed(token),
        }
