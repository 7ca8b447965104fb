"""What encodes nothing random is found too weak, and of 10,000 good values none is"""

from __future__ import annotations

import base64
import json
import random
import re
import struct
import uuid
from collections.abc import Callable

import pytest

from cookieproof.promises.audit.values import weakness

COUNT, TIME = 12, 1_764_341_163
GROUPS, SIZES = 16, (2, 3, 4, 5, 8, 12, 30)


def encoded(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def written(data: object) -> str:
    return encoded(json.dumps(data).encode())


def drawn(count: int) -> bytes:
    return random.Random(count).randbytes(16)


START = int.from_bytes(drawn(0), "big")
COUNTS = "it counts up"
WEAK: dict[str, tuple[Callable[[int], str], str]] = {
    "a counter in hexadecimal": (lambda at: f"{1000 + 7 * at:032x}", COUNTS),
    "a counter in capitals": (lambda at: f"{0xFACE + 7 * at:032X}", COUNTS),
    "a counter from anywhere": (lambda at: f"{(START + 9 * at) % (1 << 128):032x}", COUNTS),
    "equal steps": (
        lambda at: f"{(START * (at + 1)) % (1 << 128):032x}",
        "all steps from one value to the next are equal",
    ),
    "multiples": (
        lambda at: f"{(START >> 68 | 1) * int.from_bytes(drawn(at)[:8], 'big'):032x}",
        "all values differ by a multiple of",
    ),
    "a counter that goes down": (lambda at: f"session{9000 - at}", "it counts down"),
    "one that goes down, in hexadecimal": (lambda at: f"{START - 3 * at:032x}", "it counts down"),
    "base64 of octets that count": (lambda at: encoded(struct.pack(">QQ", 7, 40 + at)), COUNTS),
    "base64 of JSON": (
        lambda at: written({"n": 95 + at, "user": "ada", "time": TIME + 2 * at, "theme": "dark"}),
        COUNTS,
    ),
    "JSON as hexadecimal": (lambda at: json.dumps([1, 40 + at, TIME + at]).encode().hex(), COUNTS),
    "base64 of a text": (lambda at: encoded(f"ada-{40 + at}-{TIME + at}".encode()), COUNTS),
    "base64 of base64": (lambda at: encoded(written({"n": 40 + at}).encode()), COUNTS),
    "4 octets repeated": (lambda at: (drawn(at)[:4] * 4).hex(), "has room for 32 bits"),
    "4 octets repeated in base64": (lambda at: encoded(drawn(at)[:4] * 8), "has room for 32 bits"),
    "a prefix, and 4 octets repeated": (lambda at: f"v2-{drawn(at)[:4].hex() * 4}", "has room for 32 bits"),
    "the time, and 12 octets": (lambda at: f"{TIME + at:08x}{drawn(at)[:12].hex()}", "has room for 10. bits"),
    "a date, and 12 octets": (lambda at: f"2026-11-28T14:{at + 10}:03.{drawn(at)[:12].hex()}", COUNTS),
    "a UUID": (lambda at: str(uuid.UUID(bytes=drawn(at), version=4)), "has room for 122 bits, fewer than 128"),
    "a UUID without hyphens": (lambda at: uuid.UUID(bytes=drawn(at), version=4).hex, "has room for 12[2-4] bits"),
}


@pytest.mark.parametrize("what", WEAK)
def test_what_encodes_nothing_random_is_found(what: str) -> None:
    value, said = WEAK[what]
    found = weakness([value(at) for at in range(COUNT)])
    assert re.search(said, found), found


def signed_by_itsdangerous(dice: random.Random, at: int) -> str:
    return f"{encoded(dice.randbytes(16))}.{encoded((TIME + at).to_bytes(4, 'big'))}.{encoded(dice.randbytes(20))}"


def token(dice: random.Random, at: int) -> str:
    claims = {"sub": "ada", "iat": TIME + at, "exp": TIME + at + 3600, "jti": dice.randbytes(16).hex()}
    return f"{written({'alg': 'HS256', 'typ': 'JWT'})}.{written(claims)}.{encoded(dice.randbytes(32))}"


LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
GOOD: dict[str, Callable[[random.Random, int], str]] = {
    "token_urlsafe(16)": lambda dice, _: encoded(dice.randbytes(16)),
    "token_urlsafe(32)": lambda dice, _: encoded(dice.randbytes(32)),
    "token_hex(16)": lambda dice, _: dice.randbytes(16).hex(),
    "signed by itsdangerous": signed_by_itsdangerous,
    "a session key of Django's": lambda dice, _: "".join(dice.choices(LETTERS[:36], k=32)),
    "a JSON Web Token": token,
    "a selector that counts, and a secret": lambda dice, at: f"{1000 + at}:{encoded(dice.randbytes(16))}",
    "digits": lambda dice, _: f"{dice.getrandbits(140):043}",
    "22 letters and digits": lambda dice, _: "".join(
        dice.choices("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ", k=24)
    ),
    "a version's octet at the end": lambda dice, _: encoded(dice.randbytes(16) + b"\1"),
    "base64 with its signs": lambda dice, _: base64.b64encode(dice.randbytes(16)).decode(),
}


def test_of_10_000_good_values_none_is_found_weak() -> None:
    compared, said = 0, []
    for what, value in GOOD.items():
        for seed in range(GROUPS):
            for size in SIZES:
                dice = random.Random(f"{what} {seed} {size}")
                values = [value(dice, at) for at in range(size)]
                compared += size
                if why := weakness(values):
                    said.append((what, size, why, values[:3]))
    assert not said
    assert compared >= 10_000
