"""Words that only the page of the signed-in shows, and whether something that is kept has them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from cookieproof.browser import pages
from cookieproof.cookies.exchange import Exchange
from cookieproof.promises.audit.another import SHOWN
from cookieproof.promises.audit.cookies_seen import answered, text_of
from cookieproof.promises.audit.person import Person

# A shorter word stands in many a text by chance; a name that shows= promises may be short.
WORD, SHORT_WORD = re.compile(r"[^\W\d_]{4,}"), re.compile(r"[^\W\d_]{3,}")
READABLE = ("html", "json", "javascript", "text/plain")


def private_words(person: Person, shows: object, public: Iterable[str]) -> frozenset[str]:
    """Return the words of the open page that none of the public texts has."""
    words = {*_words(str(pages.evaluate(person.page, SHOWN)))}
    if isinstance(shows, str):
        words |= {each.casefold() for each in SHORT_WORD.findall(shows)}
    known = {word.casefold() for text in public for word in SHORT_WORD.findall(text)}
    return frozenset(words - known)


def public_texts(exchanges: Sequence[Exchange]) -> list[str]:
    """Return the bodies that were given to somebody who is not signed in.

    Those of scripts too: they may have the words of buttons and headings that the page shows to the signed-in alone.
    """
    return [text_of(each) for each in exchanges if any(kind in answered(each, "content-type") for kind in READABLE)]


def words_kept(value: str, words: frozenset[str]) -> list[str]:
    """Return which of the words are kept: of JSON in its values alone, since its keys are the site's own."""
    found = {each.casefold() for text in _texts(value) for each in SHORT_WORD.findall(text)}
    return sorted(words & found)


def _words(text: str) -> Iterable[str]:
    return (each.casefold() for each in WORD.findall(text))


def _texts(value: str) -> list[str]:
    try:
        return list(_leaves(json.loads(value)))
    except (ValueError, RecursionError):
        return [value]


def _leaves(found: Any) -> Iterable[str]:
    if isinstance(found, dict | list):
        for each in found.values() if isinstance(found, dict) else found:
            yield from _leaves(each)
    elif isinstance(found, str):
        yield found
