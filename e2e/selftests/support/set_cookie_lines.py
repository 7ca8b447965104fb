"""``Set-Cookie`` lines as hypothesis makes them: most nearly of the grammar, some wild.

Each is made of few draws from long lists, since 3,000 lines are to cost little.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import strategies as st

from cookieproof.cookies import dates

MIXING = 0x9E3779B97F4A7C15  # the golden ratio, by which numbers that are near each other fall far apart


@dataclass(frozen=True)
class Case:
    """A line for a host of its own, in which ``{host}`` and ``{parent}`` stand for it and the domain above it.

    ``skew`` is how far the response's Date is off the browser's clock; None for a response without one.
    """

    line: bytes
    path: str = "/"
    tld: str = "localhost"
    skew: timedelta | None = None


Choices = Sequence[Sequence[bytes]]  # one of each, joined


def _spelled(*alternatives: Choices) -> st.SearchStrategy[bytes]:
    """One of the alternatives, each as often as it is named, by a single draw."""

    def spelled(number: int) -> bytes:
        number = number * MIXING % 2**64
        number, which = divmod(number ^ number >> 29, len(alternatives))
        parts = []
        for choice in alternatives[which]:
            number, place = divmod(number, len(choice))
            parts.append(choice[place])
        return b"".join(parts)

    return st.integers(0, 2**24 - 1).map(spelled)  # hypothesis draws a larger one seldom


def _all(*choices: Sequence[bytes]) -> Choices:
    return choices


def _list(*texts: str) -> list[bytes]:
    return [text.encode() for text in texts]


def _numbers(first: int, last: int, step: int = 1) -> list[bytes]:
    return [b"%d" % number for number in range(first, last, step)]


# NUL ends a response, CR and LF a line: the rest may stand in it.
OCTETS = [octet for octet in range(1, 256) if octet not in b"\r\n"]
ANY = [bytes(random.Random(seed).choices(OCTETS, k=seed % 40)) for seed in range(300)]
CONTROLS = [b"\x01", b"\x0b", b"\x0c", b"\x1f", b"\x7f", b"\t"]
RAW = [b"\xff", b"\x80", b"\xe4", b"\xc3", b"\xe6\xbc"]
WORDS = _list(
    "a", "b", "sid", "x y", "é", "漢", "🍪", ",", '"', '"q"', '"x;y"', "a=b", "\\", "%20", "$Path", "'", "", "="
)
ODD = [word + raw for word in WORDS for raw in RAW] + [word + control + b"x" for word in WORDS for control in CONTROLS]
LENGTHS = [1022, 1023, 1024, 1025, 4090, 4093, 4094, 4095, 4096, 4097]
LONG = [b"x" * length for length in LENGTHS] + ["é".encode() * (length // 2) for length in LENGTHS]
TEXTS = [*WORDS * 30, *ODD, *ANY]
BLANKS = [b"", b"", b"", b"", b" ", b"\t", b"  ", b" \t "]
EQUALS = [b"=", b"=", b"=", b"=", b" = ", b"=\t", b" \t="]

PREFIXES = _list(
    "__Host-", "__Secure-", "__Http-", "__Host-Http-", "__host-", "__SECURE-", "__HTTP-", "__Other-", "__Host"
)
NAMES = [*_list("a", "session", "näme", "b c", "d") * 5, *WORDS]
PAIRS = _spelled(
    *[_all(BLANKS, NAMES, EQUALS, WORDS, BLANKS)] * 6,
    *[_all(PREFIXES, WORDS, EQUALS, WORDS)] * 2,
    _all(BLANKS, EQUALS, PREFIXES, WORDS),
    _all(BLANKS, PREFIXES + NAMES, BLANKS),
    _all(NAMES, EQUALS, ODD),
    _all(ODD, EQUALS, NAMES),
    _all(NAMES, EQUALS, LONG),
    _all(LONG, EQUALS, NAMES),
    _all(TEXTS),
)

# No age from 0 to 60: whether it ends while the test runs would be luck.
NUMBERS = [*_numbers(60, 10**5, 997), *_numbers(10**6, 10**9, 10**8 - 3), *_numbers(-90, 1, 9)]
NUMBERS += [b"%d" % edge for edge in (400 * 86400, 400 * 86400 + 1, 2**63 - 1, 2**63, -(2**63), 10**25, -(10**25))]
AGES: list[Choices] = [
    *[_all(NUMBERS)] * 4,
    _all(_list("+", "-", "--", "0", "00", '"', "$", " "), NUMBERS),
    _all(NUMBERS, _list(".5", "x", "e3", '"', " s", ",", "+", " ")),
    _all(_list("", "+", "-", "²", "٣", "0x60", "6 0")),
    _all(TEXTS),
]
MONTHS = [
    *_list(*map(str.title, dates.MONTHS)) * 3,
    *_list("december", "FEB", "Sept", "Marx", "1"),
]
DAYS = [*_numbers(1, 29) * 4, *_numbers(0, 41), *_list("01", "005", "7x", "9th")]
YEARS = [*_numbers(2027, 2030) * 40, *_numbers(0, 100), *_numbers(1590, 1615), *_numbers(1960, 2100, 3)]
YEARS += _list("127", "999", "9999", "10000", "30827", "30828", "99999", "123456", "02027", "2027x")
CLOCKS = [b"%02d:%02d:%02d" % (n % 24, n * 7 % 60, n * 11 % 60) for n in range(60)] * 2
CLOCKS += [b"%d:%d:%d" % (n % 26, n * 7 % 62, n * 11 % 63) for n in range(60)]
CLOCKS += _list(
    "12:34", "1:2:3:4", "012:034:056", "12:34:56.7", "1:2:3pm", "12:3:4x", "12.34.56", "x1:2:3", "1::3", "1:2:", ""
)
ZONES = [
    *_list(" GMT") * 9,
    *_list("", " gmt", " UTC", " UT", " EST", " PDT", " +0130", " -0800", " GMT+0100 (CET)", "Z", " PM", " am"),
]
WEEKDAYS = [*_list("Wed, ") * 5, *_list("", "Wednesday, ", "Wed ", "x ", '"', "-", "+", "Mon,", "sat", "dec ")]
GAPS = [*_list(" ", "-") * 6, *_list("/", ",", "  ", ".", "_", "", "(", "- ", "+", ";"), b"\xa0", b"\t"]
DATES: list[Choices] = [
    *[_all(WEEKDAYS, DAYS, GAPS, MONTHS, GAPS, YEARS, [b" "], CLOCKS, ZONES)] * 6,
    _all(CLOCKS, GAPS, YEARS, GAPS, MONTHS, GAPS, DAYS),
    _all(MONTHS, GAPS, DAYS, GAPS, CLOCKS, GAPS, YEARS, ZONES),
    _all(DAYS, GAPS, DAYS, GAPS, YEARS, GAPS, CLOCKS, ZONES),
    _all(
        WEEKDAYS + MONTHS, GAPS, DAYS + MONTHS + YEARS, GAPS, CLOCKS + YEARS, GAPS, MONTHS + DAYS + CLOCKS, ZONES, GAPS
    ),
    _all(TEXTS),
]
DOMAINS: list[Choices] = [
    *[_all([b"", b"."], [b"{host}", b"{parent}"])] * 4,
    _all(_list("", ".", "..", "y.", "X.", "%78.", '"', "é.", "-", "x", " ", "\uff0e"), [b"{host}", b"{parent}"]),
    _all([b"{host}", b"{parent}"], _list(".", "..", ":80", "/", "x", " ", ",", "\uff0e", "#")),
    _all(_list("", ".", "..", "...", "localhost", "test", "evil.test", "127.0.0.1", "[::1]", ".localhost", "*")),
    _all(TEXTS),
    _all(LONG),
]
PATHS: list[Choices] = [
    *[_all(_list("/", "/p", "/p/q", "/P", "/p/"))] * 4,
    _all(_list("", "p", "//", "/..", "/x y", "/%20", "/é", '"/"', "/a\\b", "/漢/", "?", "/\t/", "*", "p\tq")),
    _all([b"/"], WORDS + ODD + LONG),
]
SAME_SITES = [*_list("Strict", "Lax", "None", "none", "LAX") * 3, *_list("", "Non", '"Lax"', "Default", "ﬁ"), *LONG]
FLAGS = _list("Secure", "HttpOnly", "Partitioned", "secure", "HTTPONLY", "PARTITIONED")


def _attribute(name: str, values: Sequence[Choices]) -> list[Choices]:
    names = _list(name, name, name.lower(), name.upper(), name.swapcase())
    return [(BLANKS, names, EQUALS, *choices) for choices in values]


ATTRIBUTES = _spelled(
    *_attribute("Max-Age", AGES) * 2,
    *_attribute("Expires", DATES) * 3,
    *_attribute("Domain", DOMAINS) * 2,
    *_attribute("Path", PATHS) * 2,
    *_attribute("SameSite", [_all(SAME_SITES)]) * 10,
    *[_all(BLANKS, FLAGS, BLANKS)] * 40,
    *[_all(FLAGS, [b"="], WORDS + ODD + LONG)] * 5,
    *[_all(_list("", "path", "domain", "max-age", "expires", "samesite", "Priority=High", "Version=1", "Max Age=60"))]
    * 3,
    *[_all(TEXTS)] * 4,
)
LINES = st.builds(lambda pair, attributes: b";".join([pair, *attributes]), PAIRS, st.lists(ATTRIBUTES, max_size=6))
# The prefixes that people use need more than luck to be right.
PREFIXED = st.builds(
    lambda pair, attributes: b"; ".join([pair, b"Secure", *attributes]),
    _spelled(_all(PREFIXES, WORDS, [b"=1"])),
    st.lists(
        _spelled([_list("Path=/", "HttpOnly", "Path=/p", "Domain=", "Domain={host}", "SameSite=None")]), max_size=4
    ),
)
TARGETS = ["/", "/p/q", "/p/", "/é/x", "/a b/c", "/a%20b/c", '/"<>`{}/x', "/'()[]^|\\~/x", "/a%25/", "/x//"]
SKEWS = [None, None, timedelta(0), timedelta(hours=1), timedelta(days=-40), timedelta(days=500)]
# Target, top-level domain and skew.
AROUND = [*itertools.product(TARGETS, ["localhost", "localhost", "test"], SKEWS)]
CASES = st.builds(
    lambda line, around: Case(line, *around),
    st.sampled_from([*[LINES] * 12, PREFIXED]).flatmap(lambda kind: kind),
    st.sampled_from(AROUND),
)
