"""WSTG-SESS-07: who closes the browser is signed out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, failed, not_asked, passed, warning
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class ItEndsWithTheBrowser(Requirement):
    """Closes the browser, which ends its process, and opens it again on the same profile.

    Then once more, as one that continues where it was left, which keeps what ends with the browser.
    """

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
        return self._continued(audit)

    def _continued(self, audit: RunningAudit) -> Finding:
        person, visitor, private = audit.person, audit.visitor, audit.account.private
        # One that needs no new profile comes first: a flag.
        way = next(iter(sorted(visitor.engine.restoring)), "")
        if not way:
            why = f"{visitor.engine.title} never does"
            return passed(f"one that continues where it was left was not tried: {why}", untried=True)
        audit.sign_in()
        with visitor.lives.restoring(way):
            visitor.restart()
        visitor.move_to(person.host, https=person.is_secure)
        if person.look(private, expected=False):
            return warning(
                f"{private} still shows {person.what} in a browser that continues where it was left, as many people's "
                "does: the server alone can end that session, by idle= and absolute=."
            )
        return passed()
