"""WSTG-SESS-06: the server refuses every copy of a session that was signed out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.words import printable

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class SigningOutEndsEveryCopy(Requirement):
    """Copies of the first visit and of a later one are sent again after the sign-out, outside the browser.

    So is all else that the page asks for and only the signed-in get: an API may know them by a cookie of its own.
    """

    wstg, name = "WSTG-SESS-06", "signing out ends every copy"
    asvs, level = "v5.0.0-7.4.1", 1
    sentence = "After the sign-out the server refuses the session, whoever has a copy of it and in whichever tab."
    needs = ("sign_out",)

    def judge(self, audit: RunningAudit) -> Finding:
        account, person = audit.account, audit.person
        audit.sign_in()
        copies = {"of the first visit": audit.copy()}
        person.look(account.private, expected=True)
        copies["of a later visit"] = audit.copy()
        reads = audit.other_copies()
        tab = person.page.context.new_page()
        tab.goto(person.origin + account.private)
        still = audit.sign_out()
        if alive := [which for which, copy in copies.items() if audit.opens(copy)]:
            return failed(
                f"after the sign-out the server still accepts a copy {' and '.join(alive)}: whoever has copied "
                f"{audit.session} stays signed in."
            )
        if read := next((each for each in reads if audit.opens(each) and not audit.opens(each, only=())), None):
            return failed(
                f"after the sign-out the server still answers {read.witness.method} {printable(read.witness.target)} "
                "as it does to the signed-in, though it refuses the page that reads it."
            )
        tab.reload()
        if person.shows(expected=False, page=tab):
            return failed(f"after the sign-out another tab still shows {person.what} at its next step.")
        tab.close()
        if still:
            return failed(
                f"after the sign-out {printable(account.private)} still shows {person.what} in the same browser."
            )
        return passed("the server refused each copy, and another tab was out at its next step")
