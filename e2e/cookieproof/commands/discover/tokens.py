"""Finds what pages keep in their storage that looks like a token, and whether it is there after what should end it."""

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
# Random characters go from small letters to capitals or digits at every second of them; words and dates seldom do.
OFTEN = 1 / 4


def looks_like(value: str) -> str:
    """Say which token the value has in it: ``"a JWT"`` or ``"16 or more random bytes"``; an empty text for none."""
    if JWT.search(value):
        return "a JWT"
    return "16 or more random bytes" if any(map(_is_random, WORD.findall(value))) else ""


def _is_random(word: str) -> bool:
    if HEXADECIMAL.fullmatch(word) and len(word.replace("-", "")) < HEX_DIGITS:
        return False
    kinds = ["a" if each.islower() else "A" if each.isupper() else "0" if each.isdigit() else "-" for each in word]
    return sum(one != other for one, other in itertools.pairwise(kinds)) >= len(word) * OFTEN


def tokens_of(visitor: Visitor) -> list[StorageItem]:
    """What the open page and its frames keep that looks like a token."""
    return [each for each in visitor.storage if looks_like(each.value)]


def left_of(tokens: Sequence[StorageItem], visitor: Visitor) -> list[StorageItem]:
    """Those of these that are there still, with the same value.

    No page is visited for it, which may set another. What belongs to a tab counts only where one of its pages is open.
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
    """Whether a value that may have been cut is this one, which is whole."""
    return cut == value or ("…" in cut and value.startswith(cut.partition("…")[0]))


def token_in_words(token: StorageItem) -> str:
    """Name it for a sentence: ``"token" in localStorage, which looks like a JWT``."""
    return f'"{shown(token.name)}" in {KINDS[token.kind]}, which looks like {looks_like(token.value)}'
