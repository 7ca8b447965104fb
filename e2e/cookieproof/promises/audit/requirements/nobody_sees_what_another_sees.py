"""WSTG-SESS-04: who is signed in is shown nothing of another account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.errors import CookieproofError
from cookieproof.promises.audit.another import MOST_LINKS, Seen, is_given
from cookieproof.promises.audit.finding import Finding, failed, not_decidable, passed
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.words import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from cookieproof.cookies.exchange import Exchange
    from cookieproof.promises.audit.running_audit import RunningAudit


class NobodySeesWhatAnotherSees(Requirement):
    """Signs a second account in after the first one, in a browser whose cache is kept; then the first one once more.

    What the second one was shown, and what its page leads to, is then asked for with the first one's session. What is
    the second one's are the words that its page shows each time, and the first one's does not.
    """

    wstg, name = "WSTG-SESS-04", "nobody sees what another sees"
    asvs, level = "v5.0.0-8.2.2", 1
    sentence = "Who is signed in is given nothing that only another account sees, by no cache and at no URL."
    needs = ("another",)

    def judge(self, audit: RunningAudit) -> Finding:
        account, person = audit.account, audit.person
        private = printable(account.private)
        audit.sign_in()
        hers = Seen.by(person, person.seen)
        self._leave(audit)
        another = account.another
        exchanges = _signed_in(lambda: audit.sign_in(another, seen=False, anew=False), lambda: self._shows(audit))
        if self._shows(audit):
            came = "the site" if any(each.path == account.private for each in person.seen) else "the browser's cache"
            return failed(
                f"{private} shows {person.what} to the second account too, and it came from {came}: either it is given "
                "the first one's page, or shows= names nothing that the first one alone sees."
            )
        first = Seen.by(person, [*exchanges, *person.seen])
        copy = audit.copy(works=False)
        person.look(account.private, expected=False)
        theirs = Seen.by(person, person.seen)
        own = (first.words & theirs.words) - hers.words
        if not own:
            return not_decidable(f"{private} shows the second account no word that it does not show the first")

        def mixed() -> bool:
            return bool(own & Seen.by(person, ()).words)

        _signed_in(audit.sign_in, mixed)
        if mixed():
            word = sorted(own & Seen.by(person, ()).words)[0]
            return failed(f"{private} shows the first account what only the second one sees: {printable(word)}.")
        kept = audit.copy()
        ways_out = {audit.sign_out_request.target} if audit.sign_out_request else set()
        links = [each for each in theirs.links if each not in hers.links and each not in ways_out][:MOST_LINKS]
        for target in dict.fromkeys([*first.asked, *theirs.asked, *links]):
            if is_given(target, own, kept, copy, audit.outside):
                return failed(f"GET {printable(target)} gives the first account what only the second one sees.")
        return passed()

    def _leave(self, audit: RunningAudit) -> None:
        """Have the first one leave the browser, with all that it caches: signed out, or without its session."""
        if audit.account.sign_out is not None and "sign_out" not in audit.problems and not audit.stays_in:
            audit.person.take(audit.way_out)
        else:
            audit.person.lose_the_session()

    def _shows(self, audit: RunningAudit) -> bool:
        return audit.person.shows(expected=False)


def _signed_in(sign_in: Callable[[], list[Exchange]], mixed: Callable[[], bool]) -> list[Exchange]:
    """Sign in. Where the wrong page is shown, a step may fail that waits for the right one: that is what is found."""
    try:
        return sign_in()
    except CookieproofError:
        if not mixed():
            raise
        return []
