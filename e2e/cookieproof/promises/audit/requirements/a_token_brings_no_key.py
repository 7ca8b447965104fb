"""WSTG-SESS-10: a token that names its own key is refused."""

from __future__ import annotations

from cookieproof.promises.audit import tokens
from cookieproof.promises.audit.requirement_of_tokens import ForgedTokenIsRefused


class ATokenBringsNoKey(ForgedTokenIsRefused):
    """Signs with a key that it puts into the head (jwk)."""

    wstg, name = "WSTG-SESS-10", "a token does not bring its own key"
    asvs, level = "v5.0.0-9.1.3", 1
    sentence = "The key comes from the site's configuration, not from the token."

    def forged(self, token: str) -> dict[str, str]:
        return {"with a key that it brings itself (jwk)": tokens.with_its_key(token)}
