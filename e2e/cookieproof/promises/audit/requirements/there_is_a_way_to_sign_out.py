"""WSTG-SESS-06: private pages have a visible way to sign out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, passed, warning
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.cookies.exchange import Exchange
    from cookieproof.promises.audit.running_audit import RunningAudit


class ThereIsAWayToSignOut(Requirement):
    """Looks on ``private`` for a visible link or button that leads to the request by which ``sign_out`` signs out.

    Or that leads to the page which sends that request.
    """

    wstg, name = "WSTG-SESS-06", "there is a visible way to sign out"
    asvs, level = "v5.0.0-7.4.4", 2
    sentence = "Pages for the signed-in have a visible way to sign out."
    needs = ("sign_out",)

    def judge(self, audit: RunningAudit) -> Finding:
        asked = audit.sign_out_request
        if asked and (asked.method, asked.path) in audit.ways_out:
            return passed()
        if (page := self._page_before(audit)) and (page.method, page.path) in audit.ways_out:
            return passed(f"by {page.path}, from where sign_out signs out")
        leads = f"to {asked.method} {asked.path}, by which sign_out signs out" if asked else "to a request of sign_out"
        return warning(
            f"no visible link or form on {audit.account.private} leads {leads}; a script's button is not seen here."
        )

    def _page_before(self, audit: RunningAudit) -> Exchange | None:
        """Return the visit of the page that sent the request: one that asks whether to sign out, say."""
        asked, exchanges = audit.sign_out_request, audit.signed_out_by
        before = exchanges[: exchanges.index(asked)] if asked in exchanges else []
        visits = [each for each in before if each.fetch_dest == "document" and each.method == "GET"]
        return visits[-1] if visits and visits[-1].path != audit.account.private else None
