"""WSTG-SESS-06: after the sign-out the browser has nothing private."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.errors import CookieproofError
from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.words import shown

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit

MOST_STEPS_BACK = 3
WHERE = {"memory": "the browser's memory", "disk": "the browser's cache", "site": "the site"}


class NothingPrivateStays(Requirement):
    """Goes back, looks into storage, IndexedDB and caches, and asks for the page without a network."""

    wstg, name = "WSTG-SESS-06", "nothing private stays after signing out"
    asvs, level = "v5.0.0-14.3.1", 1
    sentence = "After the sign-out the browser shows and keeps nothing of what only the signed-in see."
    needs = ("sign_out",)

    def judge(self, audit: RunningAudit) -> Finding:
        person, private, text = audit.person, audit.account.private, audit.account.shows
        audit.check_that_it_signs_out()
        audit.sign_in()
        values = [*audit.secrets(audit.copy(works=False)), *([text] if isinstance(text, str) else [])]
        person.take(audit.way_out)
        for _ in range(MOST_STEPS_BACK):
            try:
                came = audit.visitor.back()
            except CookieproofError:  # there is nothing to go back to
                break
            audit.note(f"went back to {came.url}, which came from {WHERE[came]}")
            if person.shows(expected=False):
                return failed(f"after the sign-out Back shows {person.what} again, from {WHERE[came]}.")
        for item in audit.visitor.web_storage.items(person.page):
            if any(each in item.value for each in values):
                return failed(f'after the sign-out "{shown(item.name)}" in {item.kind} storage has what is private.')
        if kept := person.cached(values):
            return failed(f"after the sign-out a cache of the page's still has what is private: {shown(kept)}.")
        if person.shows_offline(private):
            return failed(f"after the sign-out {private} shows {person.what} without a network.")
        return passed()
