"""Values that can be guessed are found so, and random ones are not"""

from __future__ import annotations

import re
import secrets
import uuid

import pytest

from cookieproof.promises.audit.values import weakness

COUNT = 12
WEAK = {
    "a counter": ([str(1000 + each) for each in range(COUNT)], "it counts up"),
    "a counter with a prefix": ([f"session-{each:08}" for each in range(95, 95 + COUNT)], "it counts up"),
    "a number in large steps": (
        [str(each * 7919) for each in (70, 31, 9001, 44, 512, 88, 1201, 17)],
        "differ by a multiple of",
    ),
    "a short value": ([secrets.token_hex(8) for _ in range(COUNT)], "has room for .. bits, fewer than 128"),
    "a UUID": ([str(uuid.uuid4()) for _ in range(COUNT)], "has room for 12[0-7] bits, fewer than 128"),
    "the same again": (["a" * 40, "b" * 40, "a" * 40], "one value came twice"),
    "a counter, signed": ([f"user.{each}." for each in range(COUNT)], "it counts up"),
}
STRONG = {
    "random": [secrets.token_urlsafe(32) for _ in range(COUNT)],
    "random and hexadecimal": [secrets.token_hex(16) for _ in range(COUNT)],
    "a load balancer's suffix": [f"{secrets.token_urlsafe(32)}.node1" for _ in range(COUNT)],
    "a signed value": [f"eyJ1c2VyIjoiYWRhIn0.{secrets.token_hex(3)}.{secrets.token_urlsafe(20)}" for _ in range(COUNT)],
}


@pytest.mark.parametrize("what", WEAK)
def test_a_weak_value_is_found(what: str) -> None:
    values, said = WEAK[what]
    assert re.search(said, weakness(values)), weakness(values)


@pytest.mark.parametrize("what", STRONG)
def test_a_random_value_is_not(what: str) -> None:
    assert not weakness(STRONG[what])
