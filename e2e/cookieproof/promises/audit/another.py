"""What a page shows to one account and not to another, by the words that stand on it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cookieproof.browser import pages
from cookieproof.cookies.exchange import Exchange
from cookieproof.promises.audit.outside import Answer
from cookieproof.promises.audit.session import ASKED_FOR_ITSELF, ends
from cookieproof.promises.audit.texts import shown_text

if TYPE_CHECKING:
    from cookieproof.promises.audit.copies import Copy
    from cookieproof.promises.audit.outside import Outside
    from cookieproof.promises.audit.person import Person

WORD = re.compile(r"[^\W_]{3,}")
SHOWN = "document.body?.innerText ?? ''"
LINKS = "[...document.querySelectorAll('a[href]')].map(each => each.href)"
MOST_LINKS = 10


@dataclass(frozen=True)
class Seen:
    """What a person's page shows and leads to.

    ``words`` are in lower case, without those of fewer than 3 letters. ``asked`` are path and query of each GET of its
    visit that may give private data, ``links`` those of its links to the same origin.
    """

    words: frozenset[str]
    asked: tuple[str, ...]
    links: tuple[str, ...]

    @classmethod
    def by(cls, person: Person, exchanges: Sequence[Exchange]) -> Seen:
        """Look at the page; ``exchanges`` are those of its visit."""
        asked = [
            each.target or each.path
            for each in exchanges
            if each.method == "GET"
            and each.host == person.host
            and each.fetch_dest not in ASKED_FOR_ITSELF
            and ends(each)
        ]
        urls = [urlsplit(each) for each in pages.evaluate(person.page, LINKS)]
        own = [each for each in urls if f"{each.scheme}://{each.netloc}" == person.origin]
        links = [f"{each.path or '/'}{f'?{each.query}' if each.query else ''}" for each in own]
        words = _words(str(pages.evaluate(person.page, SHOWN)))
        return cls(words, tuple(dict.fromkeys(asked)), tuple(dict.fromkeys(links)))


def is_given(target: str, own: frozenset[str], hers: Copy, anothers: Copy, outside: Outside) -> bool:
    """Whether this URL gives her what it gives another account, and what it gives nobody without a session.

    ``own`` are the words that only the other one's page shows. That her answer has one of them is not enough: an error
    page may repeat the URL. It must have all words that the other is given and nobody else.
    """
    to_another = _words_of(anothers.at(target).sent(outside))
    if not own & to_another:
        return False
    to_her, to_nobody = (_words_of(hers.at(target).sent(outside, only=only)) for only in (None, ()))
    return bool(own & to_her) and not own & to_nobody and to_another - to_nobody <= to_her


def _words_of(answer: Answer) -> frozenset[str]:
    return _words(shown_text(answer.body, answer.content_type)) if answer.status < 300 else frozenset()


def _words(text: str) -> frozenset[str]:
    return frozenset(each.casefold() for each in WORD.findall(text))
