"""Reads and forges JSON Web Tokens (RFC 7519), with HMAC alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cookieproof.cookies import dates
from cookieproof.promises.audit.copies import Part

TOKEN = re.compile(r"(?P<before>(?:Bearer )?)(?P<head>eyJ[\w-]+)\.(?P<claims>eyJ[\w-]*)\.(?P<signature>[\w-]*)")
KEY = b"a key that the site has never seen"


def in_session(values: Mapping[Part, str]) -> dict[Part, str]:
    """Return those of the session's values that are tokens, with what stands before them (``Bearer ``)."""
    return {part: value for part, value in values.items() if TOKEN.fullmatch(value) and _head(value)}


def expiry(token: str) -> datetime | None:
    """Return the moment of ``exp``; None without one."""
    seconds = _claims(token).get("exp")
    return dates.later(dates.EPOCH, seconds) if isinstance(seconds, int | float) else None


def changed_claim(token: str) -> str:
    """Return the token with another claim, and its signature as it was."""
    return _put(token, _head(token), {**_claims(token), "changed": True}, _match(token)["signature"])


def unsigned(token: str, algorithm: str) -> str:
    """Return the token without a signature, which its head says, in this spelling of "none"."""
    return _put(token, {**_head(token), "alg": algorithm}, _claims(token), "")


def signed(token: str, key: bytes = KEY, **head: Any) -> str:
    """Return the token signed with another key (HS256); ``head`` is added to its head."""
    found = _put(token, {**_head(token), "alg": "HS256", **head}, _claims(token), "")
    signature = hmac.new(key, found.removeprefix(_match(token)["before"]).removesuffix(".").encode(), hashlib.sha256)
    return found + _encoded(signature.digest())


def changed_signatures(token: str) -> dict[str, str]:
    """Return the token with an octet of its signature changed, by which: what is compared in part shows in one."""
    signature = _match(token)["signature"]
    try:
        octets = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    except ValueError:
        return {}
    places = {"first": 0, "middle": len(octets) // 2, "last": len(octets) - 1} if octets else {}
    changed = {which: octets[:at] + bytes([octets[at] ^ 0xFF]) + octets[at + 1 :] for which, at in places.items()}
    return {which: with_signature(token, each) for which, each in changed.items()}


def with_signature(token: str, octets: bytes) -> str:
    """Return the token, its head and claims as they are, with another signature."""
    return token[: len(token) - len(_match(token)["signature"])] + _encoded(octets)


def with_its_key(token: str) -> str:
    """Return the token signed with another key, which stands in its head."""
    return signed(token, jwk={"kty": "oct", "k": _encoded(KEY)})


def _match(token: str) -> re.Match[str]:
    found = TOKEN.fullmatch(token)
    assert found
    return found


def _head(token: str) -> dict[str, Any]:
    return _read(_match(token)["head"])


def _claims(token: str) -> dict[str, Any]:
    return _read(_match(token)["claims"])


def _read(part: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _put(token: str, head: Mapping[str, Any], claims: Mapping[str, Any], signature: str) -> str:
    parts = (_encoded(json.dumps(each, separators=(",", ":")).encode()) for each in (head, claims))
    return f"{_match(token)['before']}{'.'.join(parts)}.{signature}"


def _encoded(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")
