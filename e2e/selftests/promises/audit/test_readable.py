"""What a session's value tells of a person is read in it, and nothing is in a random one"""

from __future__ import annotations

import base64
import json
import secrets
import zlib

import pytest
from itsdangerous import URLSafeTimedSerializer

from cookieproof.promises.audit.readable import told_by


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


SIGNED = URLSafeTimedSerializer("a key", salt="cookie-session")
DJANGO = json.dumps({"_auth_user_id": "17"}).encode()
SIGNATURE = secrets.token_urlsafe(32)
HEAD, ADA, NOBODY = (
    encoded(each) for each in (b'{"alg":"HS256"}', b'{"sub":"ada","exp":1}', b'{"jti":"of-the-token","exp":1}')
)
TELLING = {
    "a JSON Web Token": (f"Bearer {HEAD}.{ADA}.{SIGNATURE}", 'as a JSON Web Token: sub="ada"'),
    "Flask's": (SIGNED.dumps({"_user_id": "17", "_fresh": True}), 'as Flask\'s signed value: _user_id="17"'),
    "Flask's, compressed": (SIGNED.dumps({"name": "ada " * 99}), "as Flask's signed value: name=\"ada ada"),
    "Django's": (f"{encoded(DJANGO)}:1tGXYz:{SIGNATURE}", 'as Django\'s signed value: _auth_user_id="17"'),
    "Django's, compressed": (f".{encoded(zlib.compress(DJANGO))}:1tGXYz:{SIGNATURE}", '_auth_user_id="17"'),
    "base64": (base64.b64encode(b"ada@example.org").decode(), 'as base64: "ada@example.org"'),
    "base64 in a URL's letters": ("YWRhQGV4YW1wbGUub3Jn%3D", 'as base64: "ada@example.org"'),
    "a name as it stands": ("ADA-0001-7f", 'as it stands: "Ada"'),
}
SILENT = {
    "random": secrets.token_urlsafe(32),
    "hexadecimal": secrets.token_hex(16),
    "a token of its own id": f"{HEAD}.{NOBODY}.{SIGNATURE}",
    "Flask's, of nobody": SIGNED.dumps({"_fresh": False}),
    "a bomb": f".{encoded(zlib.compress(bytes(1 << 24)))}:1tGXYz:{SIGNATURE}",
    "no base64": "!" * 20,
    "a name within a word": "adamantine",
}


@pytest.mark.parametrize("what", TELLING)
def test_what_a_value_tells_is_read(what: str) -> None:
    value, said = TELLING[what]
    assert said in told_by(value, ["Signed", "Ada"])


@pytest.mark.parametrize("what", SILENT)
def test_what_tells_nothing_is_not(what: str) -> None:
    assert told_by(SILENT[what], ["Signed", "Ada"]) == ""
