"""Lists the reasons for which a browser refuses a ``Set-Cookie``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cookieproof.cookies.exchange import Exchange
from cookieproof.cookies.set_cookie import SetCookie, is_address
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.words import printable, shown

FRAMES = ("frame", "iframe")  # as Sec-Fetch-Dest names them
MOST_OCTETS = 4096  # octets of name and value (RFC 6265bis, 5.6 step 5)
# What each prefix requires besides Secure. The longest comes first, since prefixes overlap (RFC 6265bis, 5.7, steps
# 20 and 21; draft-ietf-httpbis-layered-cookies for the two with Http).
PREFIXES = {
    "__Host-Http-": ("host", "http"),
    "__Host-": ("host",),
    "__Http-": ("http",),
    "__Secure-": (),
}
CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True)
class Refusal:
    """One reason to refuse a ``Set-Cookie``: ``kind`` is one word, ``why`` a clause for a person."""

    kind: str
    why: str


def refusal(exchange: Exchange, cookie: SetCookie, held: Sequence[StoredCookie] = ()) -> str:
    """Return why the browser refuses this ``Set-Cookie`` of the exchange, as a clause; an empty text if it accepts it.

    ``held`` is what the browser held before: plain http may not change a Secure cookie.
    Reasons that the headers do not show (blocked third-party cookies) are in ``likely_refusal``.
    """
    found = next(refusals(exchange, cookie, held), None)
    return found.why if found else ""


def refusals(exchange: Exchange, cookie: SetCookie, held: Sequence[StoredCookie] = ()) -> Iterator[Refusal]:
    """Yield each reason why the browser refuses this ``Set-Cookie``, in the order in which one would correct them."""
    yield from _unreadable(cookie)
    yield from _of_another_domain(exchange, cookie)
    yield from _against_its_prefix(exchange, cookie)
    is_secure = "secure" in cookie.attributes
    if cookie.same_site == "None" and not is_secure:
        yield Refusal("none", "it has SameSite=None without Secure")
    if cookie.is_partitioned and not is_secure:
        yield Refusal("partitioned", "it has Partitioned without Secure")
    elif cookie.is_partitioned and not is_trusted(exchange):
        yield Refusal("partitioned", f"it has Partitioned and came over plain http from {printable(exchange.host)}")
    if is_trusted(exchange):
        return
    if is_secure:
        yield Refusal("secure", f"it has Secure and came over plain http from {printable(exchange.host)}")
    elif any(_is_covered(exchange, cookie, each) for each in held):
        yield Refusal(
            "overwrites",
            "what comes over plain http cannot touch the Secure cookie of this name that the browser holds "
            "(RFC 6265bis, 5.7): send it over https",
        )


def likely_refusal(exchange: Exchange, cookie: SetCookie) -> str:
    """Return why a browser probably refused a ``Set-Cookie`` for which ``refusal`` has no reason, as a clause.

    An empty text if no reason is likely.
    """
    if exchange.is_cross_site_subrequest and cookie.same_site == "None" and not cookie.is_partitioned:
        return "another site's page asked for it, and the browser blocks third-party cookies without Partitioned"
    # What a frame asks for within its own site does not tell in whose page it is.
    if exchange.fetch_dest in FRAMES and cookie.same_site == "None" and not cookie.is_partitioned:
        return "a frame asked for it, and in another site's page the browser blocks cookies without Partitioned"
    if exchange.fetch_mode == "cors" and exchange.cookie is None and exchange.fetch_site != "same-origin":
        return 'a page of another origin asked for it without cookies: its fetch needs credentials: "include"'
    if cookie.asked_domain and cookie.asked_domain != exchange.host:
        return f"Domain={shown(cookie.asked_domain)} may be a public suffix (publicsuffix.org), which no site owns"
    if exchange.fetch_dest == "empty" and exchange.cookie is None:
        return (
            'a script\'s fetch asked for it and sent no cookies: with credentials: "omit" the browser takes none either'
        )
    return ""


def violates_same_site(exchange: Exchange, cookie: SetCookie) -> bool:
    """Return whether a SameSite cookie is set in a response to another site's page (RFC 6265bis, 5.7, step 19)."""
    same_site = cookie.same_site or cookie.rules.same_site
    return exchange.is_cross_site_subrequest and same_site != "None"


def is_trusted(exchange: Exchange) -> bool:
    """Return whether the exchange's origin is potentially trustworthy to browsers (W3C Secure Contexts, 3.1)."""
    host = exchange.host
    if exchange.scheme == "https" or host == "localhost" or host.endswith(".localhost"):
        return True
    return host.strip("[]") == "::1" or (host.startswith("127.") and is_address(host))


def _unreadable(cookie: SetCookie) -> Iterator[Refusal]:
    if control := _control(cookie):
        yield Refusal("control", f"it has the control character U+{ord(control):04X} in it")
    if not cookie.name and not (cookie.value and cookie.rules.takes_nameless):
        yield Refusal("empty", "it has no name" if cookie.value else "it has neither name nor value")
    elif not cookie.name and "=" in cookie.value:
        yield Refusal("nameless", "it has no name and a = in its value, so that it would come back as another cookie")
    if cookie.size > MOST_OCTETS:
        yield Refusal("size", f"its name and value have {cookie.size} octets, and browsers take {MOST_OCTETS}")


def _control(cookie: SetCookie) -> str:
    """Return the first control character for which the engine refuses the header; an empty text if there is none."""
    if found := CONTROLS.search("".join(cookie.parts)):
        return found[0]
    path = cookie.attributes.get("path", "")
    tabbed = cookie.parts if cookie.rules.refuses_tabs else [path] if path.startswith("/") else []
    return "\t" if any("\t" in part for part in tabbed) else ""


def _of_another_domain(exchange: Exchange, cookie: SetCookie) -> Iterator[Refusal]:
    asked, host = cookie.asked_domain, exchange.host
    if cookie.domain(host) is not None:
        return
    if f".{host}".endswith(f".{asked}") and not is_address(host):
        yield Refusal("domain", f"Domain={shown(asked)} is a public suffix, for which no host can speak")
    elif f".{host}.".endswith(f".{asked}"):
        yield Refusal(
            "domain", f"Domain={shown(asked)} ends with a dot, which {printable(host)} does not: leave it out"
        )
    else:
        yield Refusal("domain", f"{printable(host)} cannot speak for Domain={shown(asked)}")


def _against_its_prefix(exchange: Exchange, cookie: SetCookie) -> Iterator[Refusal]:
    name = (cookie.name or cookie.value).lower()
    prefix = next((each for each in PREFIXES if name.startswith(each.lower())), None)
    if prefix is None:
        return
    if not cookie.name:
        yield Refusal("prefix", f"it has no name, and its value begins with {prefix}")
        return
    attributes, begins = cookie.attributes, f"its name begins with {prefix} and it"
    if "secure" not in attributes:
        yield Refusal("prefix", f"{begins} lacks Secure")
    elif not is_trusted(exchange):
        yield Refusal("prefix", f"{begins} came over plain http from {printable(exchange.host)}")
    elif "http" in PREFIXES[prefix] and "httponly" not in attributes:
        yield Refusal("prefix", f"{begins} lacks HttpOnly")
    elif "host" in PREFIXES[prefix] and not _is_for_its_host_alone(exchange, cookie):
        yield Refusal("prefix", f"{begins} needs Path=/ and no Domain")


def _is_for_its_host_alone(exchange: Exchange, cookie: SetCookie) -> bool:
    if cookie.rules.host_prefix_needs_path:
        return cookie.attributes.get("path") == "/" and not cookie.asked_domain
    return cookie.path(exchange.path) == "/" and cookie.domain(exchange.host) == exchange.host


def _is_covered(exchange: Exchange, cookie: SetCookie, held: StoredCookie) -> bool:
    """Return whether the ``Set-Cookie`` would overwrite or hide a held Secure cookie (RFC 6265bis, 5.7, step 16)."""
    if not held.secure or held.name != cookie.name:
        return False
    domain, path = (cookie.domain(exchange.host) or exchange.host).removeprefix("."), cookie.path(exchange.path)
    theirs = held.domain.removeprefix(".")
    is_near = f".{domain}".endswith(f".{theirs}") or f".{theirs}".endswith(f".{domain}")
    return is_near and f"{path.rstrip('/')}/".startswith(f"{held.path.rstrip('/')}/")
