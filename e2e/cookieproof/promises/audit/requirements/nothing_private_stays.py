"""WSTG-SESS-06: after the sign-out the browser has nothing private."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.errors import CookieproofError
from cookieproof.promises.audit.cookies_seen import first_sign_in
from cookieproof.promises.audit.finding import Finding, failed, passed, warning
from cookieproof.promises.audit.private_words import private_words, public_texts, words_kept
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.promises.audit.texts import says
from cookieproof.words import shown

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit

MOST_STEPS_BACK = 3
MOST_WORDS = 5
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
        # Chromium does not count changes of cookies by a page's own navigation among those that take it out of memory,
        # and subtracts too many: where the sign-in has led to ``private``, Back may show that whatever the site sends.
        exchanges = audit.sign_in(visits=True)
        public = [*audit.public, *public_texts(exchanges[: first_sign_in(exchanges)])]
        words = private_words(person, text, public)
        secrets = audit.secrets(audit.copy(works=False))
        values = [*secrets, *([text] if isinstance(text, str) else [])]
        left = person.take(audit.way_out)
        words -= private_words(person, "", [])
        for _ in range(MOST_STEPS_BACK):
            try:
                came = audit.visitor.back()
            except CookieproofError:  # there is nothing to go back to
                break
            audit.note(f"went back to {came.url}, which came from {WHERE[came]}")
            if person.shows(expected=False):
                return failed(f"after the sign-out Back shows {person.what} again, from {WHERE[came]}.")
        stored = audit.visitor.web_storage.items(person.page)
        for item in stored:
            if any(each in item.value for each in values):
                return failed(f'after the sign-out "{shown(item.name)}" in {item.kind} storage has what is private.')
        for url, kind, body in person.cached():
            if any(each in body for each in secrets) or (isinstance(text, str) and _says(text, body, kind)):
                return failed(f"after the sign-out a cache of the page's still has what is private: {shown(url)}.")
        if person.shows_offline(private):
            return failed(f"after the sign-out {private} shows {person.what} without a network.")
        after = max((at for at, each in enumerate(left, 1) if each.method != "GET"), default=len(left))
        words -= {word for body in public_texts(left[after:]) for word in words_kept(body, words)}
        for item in stored:
            if kept := words_kept(item.value, words):
                return warning(
                    f'after the sign-out "{shown(item.name)}" in {item.kind} storage has what only the signed-in are '
                    f"shown: {shown(', '.join(kept[:MOST_WORDS]))}."
                )
        return passed()


def _says(text: str, body: str, kind: str) -> bool:
    """Whether a cached body shows the text; one that was kept without its content type may be HTML all the same."""
    return says(text, body, kind) or ("html" not in kind and says(text, body, "text/html"))
