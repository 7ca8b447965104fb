"""Parses a ``Set-Cookie`` header as browsers do."""

from __future__ import annotations

import functools
import ipaddress
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

from cookieproof.cookies import dates
from cookieproof.cookies.parsing_rules import CHROMIUM, ParsingRules
from cookieproof.words import shown_header

LONGEST_ATTRIBUTE = 1024  # octets; browsers ignore what is longer (RFC 6265bis, 5.6)
AGE_LIMIT = timedelta(days=400)  # browsers let no cookie live longer (RFC 6265bis, 5.5)
BLANKS = " \t"  # only these are trimmed (RFC 6265bis, 5.6)
IN_A_PATH = "/!$&'()*+,-.:;=@[]_~"  # what a URL's path holds as it is (URL Standard, path percent-encode set)


@dataclass(frozen=True)
class SetCookie:
    """One ``Set-Cookie`` header, parsed as a browser does it (RFC 6265bis, section 5.6).

    ``header`` is the header's value, decoded as UTF-8 with ``surrogateescape``, so that octets that are no UTF-8 can be
    counted. ``rules`` are those of the engine.
    """

    header: str
    rules: ParsingRules = field(default=CHROMIUM, repr=False)

    @property
    def name(self) -> str:
        return self._pairs[0][0]

    @property
    def value(self) -> str:
        return self._pairs[0][1]

    @functools.cached_property
    def size(self) -> int:
        """The number of octets of name and value together."""
        return sum(len(octets(part)) for part in self.parts[:2])

    @functools.cached_property
    def _pairs(self) -> list[tuple[str, str]]:
        first, *others = map(_pair, self.header.split(";"))
        name, value, has_value = first
        if not has_value and self.rules.takes_nameless:
            # Without "=" it is a value with an empty name (5.6, step 4).
            name, value = "", name
        return [(_text(name), _text(value)), *((_text(name), value) for name, value, _ in others)]

    @functools.cached_property
    def parts(self) -> list[str]:
        """All names and values in the header, those of attributes included, trimmed."""
        return [text for part in self.header.split(";") for text in _pair(part)[:2]]

    @functools.cached_property
    def attributes(self) -> dict[str, str]:
        """The attributes by lower-case name; the last one wins if a name is repeated."""
        measured = self.rules.measured
        return {
            name.lower(): value
            for name, value in self._pairs[1:]
            if len(octets(value)) <= LONGEST_ATTRIBUTE or (measured is not None and name.lower() not in measured)
        }

    @property
    def same_site(self) -> str | None:
        """ "Strict", "Lax" or "None"; None if SameSite is left out or has another value."""
        asked = self.attributes.get("samesite", "").title()
        return asked if asked in ("Strict", "Lax", "None") else None

    @property
    def is_partitioned(self) -> bool:
        return "partitioned" in self.attributes

    @property
    def priority(self) -> str | None:
        """ "Low", "Medium" or "High"; None if left out. Chromium evicts cookies of a low priority first.

        No draft of the RFC has it (draft-west-cookie-priority-00), and other engines ignore it.
        """
        asked = self.attributes.get("priority", "").title()
        return asked if asked in ("Low", "Medium", "High") else None

    def path(self, request_path: str) -> str:
        """Return the path of the stored cookie: the attribute's, or the request's up to the last slash (5.1.4).

        ``request_path`` is decoded; the result is percent-encoded, as the browser has it in its URL.
        """
        path = _text(self.attributes.get("path", ""))
        if path.startswith("/"):
            return path
        return quote(request_path.rpartition("/")[0], safe=IN_A_PATH + self.rules.plain_in_paths) or "/"

    def domain(self, host: str) -> str | None:
        """Return the domain of the stored cookie: the host alone, or with a dot before it all hosts of that domain.

        None where the host may not set cookies for the domain (5.7, steps 8 to 10). A name without a dot is taken for a
        public suffix; suffixes with a dot (``co.uk``) are known to browsers and not to the harness.
        """
        asked = self.asked_domain
        if not asked:
            return host
        if asked == host and (is_address(host) or "." not in host):
            return host
        is_within = f".{host}".endswith(f".{asked}") and not is_address(host)
        return f".{asked}" if is_within and "." in asked else None

    @property
    def asked_domain(self) -> str:
        """The attribute ``Domain`` in lower case without a leading dot; an empty text without the attribute."""
        asked = self.attributes.get("domain", "")
        if not asked.isascii() and self.rules.takes_unicode_domains:
            asked = _in_ascii(asked)
        return (asked.removeprefix(".") if asked != "." else asked).lower()

    def expires(self, now: datetime) -> datetime | None:
        """Return when a cookie that is set ``now`` expires; None: with the browser. Max-Age wins (5.7, step 3).

        At most the end of Python's calendar. The 400 days to which browsers cut an age are not applied.
        """
        age = self.rules.age(self.attributes.get("max-age", ""))
        return self._date() if age is None else dates.later(now, age)

    def held_until(self, taken: datetime, date: datetime | None = None) -> datetime | None:
        """Return when a browser that stored the cookie at ``taken`` ends it, by its own clock; None: with the browser.

        ``date`` is the response's ``Date``, None without one: the browser shifts an Expires by the difference between
        ``date`` and its own clock. No cookie is held for more than 400 days.
        """
        age = self.rules.age(self.attributes.get("max-age", ""))
        expires = self._date() if age is None else dates.later(taken, age)
        if expires and age is None and date:
            expires = dates.later(expires, (taken - date).total_seconds())
        return expires and min(expires, taken + AGE_LIMIT)

    def _date(self) -> datetime | None:
        # Firefox reads the date octet by octet, and in Chromium only ASCII characters count.
        return self.rules.date(octets(self.attributes.get("expires", "")).decode("latin-1"))

    def __str__(self) -> str:
        """Return the header for a person: long values are cut."""
        return shown_header(_text(self.header))


def octets(text: str) -> bytes:
    """Return the text in UTF-8; octets that ``surrogateescape`` kept are as they were received."""
    try:
        return text.encode(errors="surrogateescape")
    except UnicodeEncodeError:  # another lone surrogate, which comes from no header
        return text.encode(errors="replace")


def is_address(host: str) -> bool:
    """Return whether the host is an IP address."""
    try:
        return bool(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return False


def _in_ascii(domain: str) -> str:
    """Return the domain in ASCII as the address bar converts it (Unicode IDNA), unchanged if it is not valid."""
    domain = unicodedata.normalize("NFKC", domain).replace("\u3002", ".")  # an ideographic full stop
    dot = "." if domain.startswith(".") else ""
    try:
        return dot + domain.removeprefix(".").encode("idna").decode()
    except UnicodeError:
        return domain


def _pair(part: str) -> tuple[str, str, bool]:
    """Return name and value of one part of the header, trimmed, and whether there was a "=" between them."""
    name, found, value = part.partition("=")
    return name.strip(BLANKS), value.strip(BLANKS), bool(found)


def _text(text: str) -> str:
    """Return the text with U+FFFD for octets that are no UTF-8, as a browser and Flask show them."""
    return text if text.isascii() else octets(text).decode(errors="replace")
