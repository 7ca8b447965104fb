"""Finds values in pages' storage that look like tokens, and whether they are still there later."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from cookieproof.cookies.storage import KINDS, StorageItem
from cookieproof.visitor.visitor import Visitor
from cookieproof.words import shown

# header.payload.signature, of which the first two are JSON in base64url (RFC 7519, 7.2)
JWT = re.compile(r"\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]*")
# As many characters as 16 random bytes have: in base64, and in hexadecimal digits.
WORD, HEXADECIMAL = re.compile(r"[A-Za-z0-9+/_-]{22,}"), re.compile(r"[0-9a-f-]+|[0-9A-F-]+")
HEX_DIGITS = 32
# In random text every second character is of another kind (small, capital, digit) than the last; seldom in words.
OFTEN = 1 / 4


def looks_like(value: str) -> str:
    """Return which token the value contains: ``"a JWT"`` or ``"16 or more random bytes"``; an empty text for none."""
    if JWT.search(value):
        return "a JWT"
    return "16 or more random bytes" if any(map(_is_random, WORD.findall(value))) else ""


def _is_random(word: str) -> bool:
    if HEXADECIMAL.fullmatch(word) and len(word.replace("-", "")) < HEX_DIGITS:
        return False
    kinds = ["a" if each.islower() else "A" if each.isupper() else "0" if each.isdigit() else "-" for each in word]
    return sum(one != other for one, other in itertools.pairwise(kinds)) >= len(word) * OFTEN


def tokens_of(visitor: Visitor) -> list[StorageItem]:
    """Return the storage items of the open page and its frames that look like a token."""
    return [each for each in visitor.storage if looks_like(each.value)]


def tokens_left(tokens: Sequence[StorageItem], visitor: Visitor) -> list[StorageItem]:
    """Return those of the tokens that are still there with the same value.

    No page is visited, since a page may set another token. A token in sessionStorage counts only if a page of its tab
    is open.
    """
    left = []
    for token in tokens:
        looks = visitor.web_storage.now(token.origin, token.partition, token.kind, None)
        kept = [each for look in looks for each in look.items()]
        if any(
            (each.name, each.kind) == (token.name, token.kind) and _is_same(each.value, token.value) for each in kept
        ):
            left.append(token)
    return left


def _is_same(cut: str, value: str) -> bool:
    """Return whether ``cut``, which may be cut, is ``value``, which is not."""
    return cut == value or ("…" in cut and value.startswith(cut.partition("…")[0]))


def token_in_words(token: StorageItem) -> str:
    """Return the words for the token in a sentence: ``"token" in localStorage, which looks like a JWT``."""
    return f'"{shown(token.name)}" in {KINDS[token.kind]}, which looks like {looks_like(token.value)}'
