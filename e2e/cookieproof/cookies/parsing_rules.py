"""Declares where engines parse a ``Set-Cookie`` differently, each with its source and a header that shows it.

``selftests/cookies/test_browser_parity.py`` asserts each difference in the browser, so that a change is noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import datetime

from cookieproof.cookies import dates, firefox_dates

PARSER, VALIDATION = "netwerk/cookie/CookieParser.cpp", "netwerk/cookie/CookieValidation.cpp"
NSPR = "nsprpub/pr/src/misc/prtime.c, PR_ParseTimeString"


@dataclass(frozen=True)
class ParsingRules:
    """How one engine parses a ``Set-Cookie``, where engines differ; the rest is in ``set_cookie.py``."""

    engine: str
    # Return the seconds of a Max-Age, and the moment of an Expires; None for a value that the engine ignores.
    age: Callable[[str], int | None]
    date: Callable[[str], datetime | None]
    # Whether the engine keeps a cookie without a name: then "a" means "=a", else "a" is a name without a value.
    takes_nameless: bool
    # Attributes that the engine ignores if their value has more than 1024 octets; None for all attributes.
    measured: Set[str] | None
    # Whether the engine refuses a tab anywhere in the header as a control character.
    refuses_tabs: bool
    # Whether the engine converts a Domain that is not ASCII to ASCII, as in the address bar.
    takes_unicode_domains: bool
    # The SameSite of a cookie that names none.
    same_site: str
    # Characters that the engine does not percent-encode in a path, besides those of the URL Standard.
    plain_in_paths: str
    # Whether __Host- needs an explicit Path=/; if not, a request path that defaults to "/" is enough.
    host_prefix_needs_path: bool


@dataclass(frozen=True)
class Difference:
    """One thing that engines parse differently: its source, and a ``Set-Cookie`` that each engine takes differently.

    In the line ``{parent}`` is the domain above the host that sets it, ``{year}`` that of the next December, and the
    request's path is "/".
    """

    source: str
    line: str


CHROMIUM = ParsingRules(
    engine="chromium",
    age=dates.age,
    date=dates.date,
    takes_nameless=True,
    measured=None,
    refuses_tabs=True,
    takes_unicode_domains=True,
    same_site="Lax",
    plain_in_paths="",
    host_prefix_needs_path=True,
)


def _firefox_age(max_age: str) -> int | None:
    """Return the seconds of a ``Max-Age``: -1 for all that begins with "-", None for "+" (``ParseMaxAgeAttribute``)."""
    if max_age.startswith(("+", "-")):
        return -1 if max_age.startswith("-") else None
    age = dates.age(max_age)
    return None if age == dates.INT64 and not max_age.endswith("7") else age


FIREFOX = ParsingRules(
    engine="firefox",
    age=_firefox_age,
    date=firefox_dates.date,
    takes_nameless=False,
    measured=frozenset({"domain", "expires", "max-age", "path"}),
    refuses_tabs=False,
    takes_unicode_domains=False,
    same_site="None",
    plain_in_paths="|",
    host_prefix_needs_path=False,
)
# Each has a header that Chromium and Firefox parse differently.
DIFFERENCES = {
    "cookies without a name": Difference("Firefox 153 in the browser; older ones took them as Chromium does", "a"),
    "a value without a name": Difference("Firefox 153 in the browser", "=a"),
    "a plus sign before a Max-Age": Difference(f"{PARSER}, ParseMaxAgeAttribute", "a=b; Max-Age=+60"),
    "a minus sign before what is no Max-Age": Difference(f"{PARSER}, ParseMaxAgeAttribute", "a=b; Max-Age=-x"),
    "time zones in Expires": Difference(NSPR, "a=b; Expires=Wed, 01 Dec {year} 12:00:00 EST"),
    "an Expires without a time": Difference(NSPR, "a=b; Expires=Wed, 01 Dec {year}"),
    "a day that the month does not have": Difference(NSPR, "a=b; Expires=Wed, 31 Nov {year} 12:00:00 GMT"),
    "quotes around an Expires": Difference(NSPR, 'a=b; Expires="01 Dec {year} 12:00:00 GMT"'),
    "a tab in a value": Difference(f"{VALIDATION}, CheckValue", "a=b\tc"),
    "long values of flags": Difference(f"{PARSER}, CheckAttributeSize", f"a=b; Secure={'x' * 1025}"),
    "a Domain that is not ASCII": Difference(
        "net/cookies/cookie_util.cc, GetCookieDomainWithString", "a=b; Domain=\uff0e{parent}"
    ),
    "__Host- without a Path, set at /": Difference("netwerk/cookie/CookiePrefixes.cpp", "__Host-a=b; Secure"),
}


def rules_of(engine: str) -> ParsingRules:
    """Return the rules of the engine with this name; Chromium's for WebKit, whose rules are not known yet."""
    return FIREFOX if engine == "firefox" else CHROMIUM
