"""Decides by its length whether a cookie's value can identify one person, as a session id does."""

from __future__ import annotations

import math
import string

# Bits of a value that identifies one person (OWASP requires as many of a session id).
IDENTITY = 64
ALPHABETS = (string.digits, "0123456789abcdef", string.ascii_letters + string.digits, string.printable)


def is_identity(value: str) -> bool:
    """Return whether the value has room for ``IDENTITY`` bits, in the smallest alphabet with all its characters."""
    alphabet = next((each for each in ALPHABETS if set(value) <= set(each)), string.printable)
    return len(value) * math.log2(len(alphabet)) >= IDENTITY
