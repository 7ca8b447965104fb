"""WSTG-SESS-10: a token that was changed is refused."""

from __future__ import annotations

from cookieproof.promises.audit import tokens
from cookieproof.promises.audit.requirement_of_tokens import ForgedTokenIsRefused


class ATokenIsVerified(ForgedTokenIsRefused):
    """Changes a claim, and each part of the signature; takes it away; and signs with another key, and an empty one."""

    wstg, name = "WSTG-SESS-10", "a token's signature is verified"
    asvs, level = "v5.0.0-9.1.1", 1
    sentence = "A token is taken only with a signature that fits."

    def forged(self, token: str) -> dict[str, str]:
        return {
            "with a changed claim": tokens.changed_claim(token),
            "with the signature of another key": tokens.signed(token),
            "with the signature of an empty key": tokens.signed(token, b""),
            "with an empty signature": tokens.with_signature(token, b""),
            **{
                f"with a signature whose {which} octet is changed": changed
                for which, changed in tokens.changed_signatures(token).items()
            },
        }
