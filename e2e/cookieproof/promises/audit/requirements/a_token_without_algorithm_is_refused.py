"""WSTG-SESS-10: a token with the algorithm none is refused."""

from __future__ import annotations

from cookieproof.promises.audit import tokens
from cookieproof.promises.audit.requirement_of_tokens import ForgedTokenIsRefused


class ATokenWithoutAlgorithmIsRefused(ForgedTokenIsRefused):
    """Takes the signature away, and says so in the head."""

    wstg, name = "WSTG-SESS-10", "a token without a signature is refused"
    asvs, level = "v5.0.0-9.1.2", 1
    sentence = "The algorithm none is refused."

    def forged(self, token: str) -> dict[str, str]:
        return {
            f'without a signature, with "alg": "{spelled}"': tokens.unsigned(token, spelled)
            for spelled in ("none", "None", "NONE")
        }
