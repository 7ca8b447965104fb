"""Writes the text of a failure: a headline, and what exchanges, browser and clock show of the cookie."""

from __future__ import annotations

from urllib.parse import urlsplit

from cookieproof.cookies.cookie_event import EXPIRY_TOLERANCE
from cookieproof.cookies.exchange import Exchange
from cookieproof.errors import did_you_mean
from cookieproof.promises.cookie_state import CookieState
from cookieproof.promises.judging import Failure
from cookieproof.words import printable, shown, shown_header

MOST_LINES = 3


class SeenCookie(CookieState):
    """A cookie's state that can be described in the text of a failure."""

    def failure(self, failed: Failure) -> str:
        line = headline(self, failed.what, failed.cause, hint=failed.hint)
        return "\n".join([line, f"  seen from {where(self)}:", *evidence(self)])


def headline(state: CookieState, what: str, cause: str = "", *, hint: bool = False) -> str:
    """Return the first line of a failure: cookie, what is wrong, its cause, and with ``hint`` a name spelled alike."""
    names = {cookie.name for _, cookie in state.set_cookies}.union(*(each.cookies for each in state.wire))
    suggestion = did_you_mean(state.name, names) if hint and state.name not in names else ""
    cause = f" {cause}." if cause else ""
    return f'cookie "{shown(state.name)}" {what}.{cause}{suggestion}'.replace("?.", "?")


def evidence(state: CookieState) -> list[str]:
    """Return the lines below the headline of a failure."""
    sent_now = [f"{shown(name)}={shown(value)}" for name, value in state.pairs]
    received = [f"{shown_header(each.cookie)}  [{each}]" for each in state.wire if each.cookie is not None]
    described = [str(each) for each in state.history.events if each.what != "set" or each.by_script]
    cleared = [
        f"Clear-Site-Data: {shown(each.clear_site_data)}  [{_described(state, each)}]"
        for each in state.wire
        if each.clear_site_data and (each.clears_cookies or each.lacks_quotes)
    ]
    found = {
        "Set-Cookie": [
            f"{cookie}  [{_described(state, exchange)}]" for exchange, cookie in state.own_set_cookies[-MOST_LINES:]
        ]
        or ["never for this name on the wire"],
        "cleared": cleared[-1:],
        "became": described[-MOST_LINES:],
        "stored": [str(cookie) for cookie in state.of_host] or ["not held by the browser"],
        "sent now": sent_now or ["no cookie"],
        "sent last": received[-1:] or ["no cookie was ever sent"],
        "pending": state.visitor.network_idle.pending.described(),
        "slept": [f"{each} by a timer, but not while the clock moved" for each in state.visitor.awake.slept],
        "clock": [_clock(state)],
    }
    return [f"    {label + ':':<12}{line}" for label, lines in found.items() for line in lines]


def where(state: CookieState) -> str:
    """Return the host and path that ask for the cookie, and the frames around them, as text for a person."""
    *around, origin = (urlsplit(each).hostname or "" for each in state.origins)
    return f"{origin}{printable(state.path)}" + "".join(f", in a frame of {each}" for each in reversed(around))


def _described(state: CookieState, exchange: Exchange) -> str:
    by_browser = state.to_browser_time(exchange.time)
    answered = f"{exchange} to {shown(exchange.location)}" if exchange.location else str(exchange)
    if abs(by_browser - exchange.time) <= EXPIRY_TOLERANCE:
        return answered
    return f"{answered}; {by_browser:%Y-%m-%d %H:%M:%S} UTC by the browser's clock"


def _clock(state: CookieState) -> str:
    clock, life = state.visitor.clock, f"life {state.visitor.life}"
    site, browser = clock.now(), clock.now("browser")
    if abs(site - browser) <= EXPIRY_TOLERANCE:
        return f"{site:%Y-%m-%d %H:%M:%S} UTC, {life}"
    return f"{site:%Y-%m-%d %H:%M:%S} UTC by the site, {browser:%Y-%m-%d %H:%M:%S} UTC by the browser, {life}"
