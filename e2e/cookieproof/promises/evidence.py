"""What is said of a cookie when a promise about it is broken."""

from __future__ import annotations

from urllib.parse import urlsplit

from cookieproof.cookies.exchange import Exchange
from cookieproof.cookies.happened import ABOUT
from cookieproof.errors import did_you_mean
from cookieproof.promises.sight import Sight
from cookieproof.words import printable, shown, shown_header

MOST_LINES = 3


def headline(sight: Sight, what: str, cause: str = "", *, hint: bool = False) -> str:
    names = {cookie.name for _, cookie in sight.set_cookies}.union(*(each.cookies for each in sight.wire))
    suggestion = did_you_mean(sight.name, names) if hint and sight.name not in names else ""
    cause = f" {cause}." if cause else ""
    return f'cookie "{shown(sight.name)}" {what}.{cause}{suggestion}'.replace("?.", "?")


def evidence(sight: Sight) -> list[str]:
    """What is to be said below the headline of a failure."""
    sent_now = [f"{shown(name)}={shown(value)}" for name, value in sight.pairs]
    received = [f"{shown_header(each.cookie)}  [{each}]" for each in sight.wire if each.cookie is not None]
    told = [str(each) for each in sight.history.happened if each.what != "set" or each.by_script]
    cleared = [
        f"Clear-Site-Data: {shown(each.clear_site_data)}  [{_told(sight, each)}]"
        for each in sight.wire
        if each.clear_site_data and (each.clears_cookies or each.lacks_quotes)
    ]
    found = {
        "Set-Cookie": [f"{cookie}  [{_told(sight, exchange)}]" for exchange, cookie in sight.ours[-MOST_LINES:]]
        or ["never for this name on the wire"],
        "cleared": cleared[-1:],
        "became": told[-MOST_LINES:],
        "stored": [str(cookie) for cookie in sight.of_host] or ["not held by the browser"],
        "sent now": sent_now or ["no cookie"],
        "sent last": received[-1:] or ["no cookie was ever sent"],
        "on its way": sight.visitor.rest.on_its_way.told(),
        "slept": [f"{each} by a timer, but not while the clock moved" for each in sight.visitor.awake.slept],
        "clock": [_clock(sight)],
    }
    return [f"    {label + ':':<12}{line}" for label, lines in found.items() for line in lines]


def where(sight: Sight) -> str:
    """From where it is seen, for a person."""
    *around, origin = (urlsplit(each).hostname or "" for each in sight.origins)
    return f"{origin}{printable(sight.path)}" + "".join(f", in a frame of {each}" for each in reversed(around))


def _told(sight: Sight, exchange: Exchange) -> str:
    by_browser = sight.by_the_browser(exchange.time)
    answered = f"{exchange} to {shown(exchange.location)}" if exchange.location else str(exchange)
    if abs(by_browser - exchange.time) <= ABOUT:
        return answered
    return f"{answered}; {by_browser:%Y-%m-%d %H:%M:%S} UTC by the browser's clock"


def _clock(sight: Sight) -> str:
    clock, life = sight.visitor.clock, f"life {sight.visitor.life}"
    site, browser = clock.now(), clock.now("browser")
    if abs(site - browser) <= ABOUT:
        return f"{site:%Y-%m-%d %H:%M:%S} UTC, {life}"
    return f"{site:%Y-%m-%d %H:%M:%S} UTC by the site, {browser:%Y-%m-%d %H:%M:%S} UTC by the browser, {life}"
