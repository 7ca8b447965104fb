"""WSTG-SESS-02: no cookie is larger than browsers store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.words import shown

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit

LARGEST = 4096  # RFC 6265bis, 5.5


class CookiesAreSmallEnough(Requirement):
    """Adds up each Set-Cookie of a life."""

    wstg, name = "WSTG-SESS-02", "no cookie is larger than browsers store"
    asvs, level = "v5.0.0-3.3.5", 3
    sentence = "A cookie's name and value have at most 4096 bytes together."

    def judge(self, audit: RunningAudit) -> Finding:
        for exchange in audit.first.exchanges:
            for cookie in exchange.set_cookies:
                if cookie.size > LARGEST:
                    return failed(
                        f'the cookie "{shown(cookie.name)}" has {cookie.size} bytes, more than {LARGEST}: browsers '
                        f"drop it without a word. {exchange} set it."
                    )
        return passed()
