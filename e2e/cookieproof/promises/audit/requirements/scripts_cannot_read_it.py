"""WSTG-SESS-02: no script reads the session, in a cookie, a body, a storage or the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.cookies_seen import last_setting, text_of
from cookieproof.promises.audit.finding import Finding, failed, passed, warning
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.words import shown

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class ScriptsCannotReadIt(Requirement):
    """Looks for the values in all bodies of a life, in what the page keeps, and in the page after its scripts."""

    wstg, name = "WSTG-SESS-02", "scripts cannot read the session"
    asvs, level = "v5.0.0-3.3.4", 2
    sentence = "Cookies of the session have HttpOnly, and their values come by Set-Cookie alone."

    def judge(self, audit: RunningAudit) -> Finding:
        if not audit.session.cookies:
            return warning(f"the session is {audit.session}, which the page keeps where its scripts can read it.")
        for cookie in audit.session_cookies():
            if not cookie.http_only:
                return failed(
                    f'the cookie "{shown(cookie.name)}" is held without HttpOnly, so scripts can read it.',
                    last_setting(audit.first, cookie.name),
                )
        values = audit.secrets(audit.first.copy)
        for exchange in audit.first.exchanges:
            if any(value in text_of(exchange) for value in values):
                return failed(f"the session's value stands in the body of {exchange}, where scripts can read it.")
        for item in audit.first.storage:
            if any(value in item.value for value in values):
                return failed(f'the session\'s value stands in {item.kind} storage, as "{shown(item.name)}".')
        if any(value in audit.first.document for value in values):
            return failed("the session's value stands in the page, where scripts can read it.")
        return passed()
