"""WSTG-SESS-07: who closes the browser is signed out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, failed, not_asked, passed, warning
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class ItEndsWithTheBrowser(Requirement):
    """Closes the browser, which ends its process, and opens it again on the same profile."""

    wstg, name = "WSTG-SESS-07", "the session ends with the browser"
    asvs, level = "", 1
    sentence = "Who closes the browser is signed out, as promised."
    needs = ("ends_with_browser",)
    restarts = True

    def judge(self, audit: RunningAudit) -> Finding:
        if not audit.account.ends_with_browser:
            return not_asked("ends_with_browser=True")
        person, visitor, private = audit.person, audit.visitor, audit.account.private
        audit.sign_in()
        aged = [each for each in visitor.stored_list if each.name in audit.session.cookies and each.expires]
        visitor.restart()
        visitor.move_to(person.host, https=person.is_secure)
        if person.look(private, expected=False):
            why = f": the cookie {aged[0]}" if aged else ""
            return failed(f"{private} still shows {person.what} after the browser was closed and opened again{why}.")
        if aged:
            return warning(f"the browser keeps {aged[0]} beyond its end, though the server does not take it alone.")
        return passed()
