"""WSTG-SESS-02: no script reads the session, in a cookie, a body, a storage or the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cookieproof.promises.audit.cookies_seen import last_setting, text_of
from cookieproof.promises.audit.finding import Finding, failed, passed, warning
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.promises.audit.texts import stands_in
from cookieproof.words import shown

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import Life, RunningAudit


class ScriptsCannotReadIt(Requirement):
    """Looks for the values in all bodies of a life, in what the page keeps, and in the page after its scripts."""

    wstg, name = "WSTG-SESS-02", "scripts cannot read the session"
    asvs, level = "v5.0.0-3.3.4", 2
    sentence = "Cookies of the session have HttpOnly, and their values come by Set-Cookie alone."

    def judge(self, audit: RunningAudit) -> Finding:
        for life, cookie in audit.judged_cookies():
            if not cookie.http_only:
                return failed(
                    f'the cookie "{shown(cookie.name)}" is held without HttpOnly, so scripts can read it.',
                    last_setting(life, cookie.name),
                )
        if not audit.session.cookies:
            return warning(f"the session is {audit.session}, which the page keeps where its scripts can read it.")
        if found := _where("the session's value", audit.secrets(audit.first.copy), audit.first):
            return failed(found)
        values = audit.remembered.secrets()
        if values and (found := _where("the value by which a person is remembered", values, audit.remembered.life)):
            return failed(found)
        return passed()


def _where(what: str, values: Sequence[str], life: Life) -> str:
    """Return a sentence of where scripts can read one of the values; an empty text if nowhere."""
    for exchange in life.exchanges:
        if stands_in(text_of(exchange), values):
            return f"{what} stands in the body of {exchange}, where scripts can read it."
    for item in life.storage:
        if stands_in(item.value, values):
            return f'{what} stands in {item.kind} storage, as "{shown(item.name)}".'
    if stands_in(life.document, values):
        return f"{what} stands in the page, where scripts can read it."
    return ""
