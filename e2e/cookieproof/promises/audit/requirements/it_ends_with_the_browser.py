"""WSTG-SESS-07: who closes the browser is signed out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, failed, not_asked, passed, warning
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class ItEndsWithTheBrowser(Requirement):
    """Closes the browser, which ends its process, and opens it again on the same profile.

    Once it continues where it was left, which keeps what ends with the browser, and once it does not.
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
        # One that needs no new profile comes first: a flag.
        way = next(iter(sorted(visitor.engine.restoring)), "")
        is_for_one_start = way == "flag"  # a preference stays in the profile, so that such a browser comes last
        continues = is_for_one_start and self._continues(audit, way)
        if is_for_one_start and not continues:
            audit.sign_in()
        visitor.restart()
        visitor.move_to(person.host, https=person.is_secure)
        if person.look(private, expected=False):
            why = f": the cookie {aged[0]}" if aged else ""
            return failed(f"{private} still shows {person.what} after the browser was closed and opened again{why}.")
        if aged:
            return warning(f"the browser keeps {aged[0]} beyond its end, though the server does not take it alone.")
        if not way:
            why = f"{visitor.engine.title} never does"
            return passed(f"one that continues where it was left was not tried: {why}", untried=True)
        if not is_for_one_start:
            audit.sign_in()
            continues = self._continues(audit, way)
        if continues:
            return warning(
                f"{private} still shows {person.what} in a browser that continues where it was left, as many people's "
                "does: the server alone can end that session, by idle= and absolute=."
            )
        return passed()

    def _continues(self, audit: RunningAudit, way: str) -> bool:
        """Close the browser, open it as one that continues where it was left, and return whether that is signed in."""
        with audit.visitor.lives.restoring(way):
            audit.visitor.restart()
        audit.visitor.move_to(audit.person.host, https=audit.person.is_secure)
        return audit.person.look(audit.account.private, expected=False)
