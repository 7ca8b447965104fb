"""What can be read in a session's value without a key, as whoever has it can."""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterable
from urllib.parse import unquote

from cookieproof.promises.audit.tokens import TOKEN

# itsdangerous (Flask) and django.core.signing: the data, compressed if a dot stands first, the time, the signature.
SIGNED = {
    "Flask's": re.compile(r"(?P<packed>\.?)(?P<data>[\w-]+)\.[\w-]{4,8}\.[\w-]{20,}"),
    "Django's": re.compile(r"(?P<packed>\.?)(?P<data>[\w-]+):[0-9A-Za-z]{4,8}:[\w-]{20,}"),
}
# Of the session, or of the token itself, and not of a person.
TECHNICAL = (
    "exp",
    "iat",
    "nbf",
    "jti",
    "aud",
    "iss",
    "sid",
    "csrf_token",
    "_csrf_token",
    "_fresh",
    "_permanent",
    "_id",
)
SHORTEST_TEXT, LONGEST = 8, 1 << 16  # letters: fewer may be readable by chance; and octets


def told_by(value: str, names: Iterable[str] = ()) -> str:
    """Return what the value tells, and decoded as what: 'as a JSON Web Token: sub="ada"'; an empty text if nothing.

    ``names`` are words by which a person is known; one that stands in the value itself tells, too.
    """
    value = unquote(value.strip('"')).removeprefix("Bearer ")
    for how, data in _decoded(value):
        if said := _said(data):
            return f"{how}: {said}"
    read = {word.casefold() for word in re.findall(r"[^\W_]+", value)}
    return next((f'as it stands: "{name}"' for name in names if name.casefold() in read), "")


def _decoded(value: str) -> Iterable[tuple[str, bytes]]:
    if found := TOKEN.fullmatch(value):
        yield "as a JSON Web Token", _octets(found["claims"])
        return
    for whose, form in SIGNED.items():
        if found := form.fullmatch(value):
            yield f"as {whose} signed value", _octets(found["data"], packed=bool(found["packed"]))
    yield "as base64", _octets(value)


def _octets(text: str, *, packed: bool = False) -> bytes:
    """Return base64 of either alphabet decoded; nothing if it is none."""
    try:
        octets = base64.b64decode(
            text.translate({ord("-"): "+", ord("_"): "/"}) + "=" * (-len(text) % 4), validate=True
        )
        return zlib.decompressobj().decompress(octets, LONGEST) if packed else octets
    except (binascii.Error, ValueError, zlib.error):
        return b""


def _said(data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return ""
    try:
        found = json.loads(text)
    except ValueError:
        return json.dumps(text) if len(text) >= SHORTEST_TEXT and text.isprintable() else ""
    if not isinstance(found, dict):
        return text if isinstance(found, str) else ""
    return ", ".join(f"{name}={json.dumps(value)}" for name, value in found.items() if name not in TECHNICAL)
