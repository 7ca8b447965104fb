"""WSTG-SESS-02: which sites' pages send the session's cookies is written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.cookies_seen import last_setting, setting_of
from cookieproof.promises.audit.finding import Finding, failed, passed, warning
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.words import shown

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class CookiesHaveSameSite(Requirement):
    """Reads the Set-Cookie headers, since browsers tell their own default for what is left out."""

    wstg, name = "WSTG-SESS-02", "the session's cookies say SameSite"
    asvs, level = "v5.0.0-3.3.2", 2
    sentence = "Each cookie's SameSite is written out, and fits its purpose."

    def judge(self, audit: RunningAudit) -> Finding:
        warned = None
        for life, cookie in audit.judged_cookies():
            name, setting = cookie.name, setting_of(life, cookie.name)
            if setting is None:
                continue
            if setting[1].same_site is None:
                return failed(
                    f'the cookie "{shown(name)}" is set without SameSite, so each browser decides by its own default.',
                    last_setting(life, name),
                )
            if setting[1].same_site == "None":
                warned = warned or warning(
                    f'the cookie "{shown(name)}" is set with SameSite=None: pages of all sites send it.',
                    last_setting(life, name),
                )
        return warned or passed()
