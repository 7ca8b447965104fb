"""WSTG-SESS-02: no cookie of the session goes over http."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.cookies_seen import last_setting, quoted_names
from cookieproof.promises.audit.finding import Finding, failed, not_decidable, passed, warning
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.words import shown

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class CookiesAreSecure(Requirement):
    """Looks at each cookie of the session, and at those that remember a person, as the browser holds it."""

    wstg, name = "WSTG-SESS-02", "the session's cookies are Secure"
    asvs, level = "v5.0.0-3.3.1", 1
    sentence = "Cookies have Secure, and a name that begins with __Host- or __Secure-."

    def judge(self, audit: RunningAudit) -> Finding:
        if not audit.person.is_secure:
            return not_decidable("the site is had over http only, where browsers hold no Secure cookie")
        cookies = []
        for life, cookie in audit.judged_cookies():
            if not cookie.secure:
                return failed(
                    f'the cookie "{shown(cookie.name)}" is held without Secure, so browsers send it over http too.',
                    last_setting(life, cookie.name),
                )
            cookies.append(cookie)
        names = [each.name for each in cookies if not each.name.startswith(("__Host-", "__Secure-"))]
        if names:
            return warning(
                f"the name of {quoted_names(names)} begins with neither __Host- nor __Secure-, so it can be set over "
                "http, and from another host of the site."
            )
        return passed()
