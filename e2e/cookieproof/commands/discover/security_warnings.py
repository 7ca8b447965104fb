"""Finds security risks in the cookies that a site sets, a sentence for each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from cookieproof.commands.discover.tokens import token_in_words
from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.cookies.refusals import MOST_OCTETS, refusal
from cookieproof.cookies.storage import StorageItem
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.errors import CookieproofError
from cookieproof.promises.identity import is_identity
from cookieproof.site.app_info import AppInfo
from cookieproof.site.site import Site
from cookieproof.words import shown

GUESSABLE = ("dev", "secret", "secret_key", "secret-key", "changeme", "change-me", "development", "test", "key")
MAKE_A_KEY = "python -c 'import secrets; print(secrets.token_hex())'"
# Names of session cookies, and of cookies that scripts are meant to read.
SESSION = re.compile(r"sess|auth|remember|(?<![a-z])sid(?![a-z])", re.IGNORECASE)
FOR_SCRIPTS = re.compile(r"csrf|xsrf", re.IGNORECASE)
NEARLY = 3 / 4  # of the size that browsers accept

# An attribute, the risk without it, and how to set it in a Flask app and in any other.
PROTECTION = (
    ("httponly", "scripts can read it", 'app.config["SESSION_COOKIE_HTTPONLY"] = True', "Add HttpOnly"),
    (
        "samesite",
        "other sites can send it with their forms",
        'app.config["SESSION_COOKIE_SAMESITE"] = "Lax"',
        "Add SameSite=Lax",
    ),
    (
        "secure",
        "it is sent over plain http too",
        'app.config["SESSION_COOKIE_SECURE"] = True, behind https',
        "Add Secure",
    ),
)


def is_key(cookie: StoredCookie) -> bool:
    """Return whether the cookie may identify a person: its value is unique, and it is no token of a form."""
    return not FOR_SCRIPTS.search(cookie.name) and (
        is_identity(cookie.value or "") or bool(SESSION.search(cookie.name))
    )


def app_info_of(site: Site) -> AppInfo:
    """Return what is known of an app; empty values for a site that is no app of the harness."""
    try:
        return site.app_info
    except CookieproofError:
        return AppInfo("", None, [], [])


class SecurityWarnings:
    """Collects warnings in ``notes``, each once."""

    def __init__(self, site: Site, notes: list[str]) -> None:
        self.app_info, self.notes = app_info_of(site), notes
        self._signs_in = set[str]()  # names of cookies that identify somebody who signed in

    def note(self, text: str) -> None:
        """Add a warning, unless it is there already."""
        if text not in self.notes:
            self.notes.append(text)

    def note_sign_in(self, names: Sequence[str], exchanges: Sequence[Exchange]) -> None:
        """Note that cookies of these names identify a person who signed in by these exchanges."""
        self._signs_in |= set(names)
        for exchange in exchanges:
            for cookie in exchange.set_cookies:
                self._protect(exchange, cookie)

    def note_outlives_the_browser(self, tokens: Sequence[StorageItem]) -> None:
        """Warn of tokens in a page's storage that a restart of the browser did not remove."""
        for each in tokens:
            self.note(
                f"{token_in_words(each)}, outlives the browser's close, and any script of the site reads it: what "
                "somebody is known by belongs into a cookie that ends with the browser, with HttpOnly."
            )

    def note_outlives_the_sign_out(self, tokens: Sequence[StorageItem], sign_out: str) -> None:
        """Warn of tokens in a page's storage that the sign-out did not remove."""
        for each in tokens:
            self.note(
                f"{sign_out} leaves {token_in_words(each)}: remove it there, and have the site refuse it from then on."
            )

    def look(self, exchanges: Sequence[Exchange], held: Sequence[StoredCookie]) -> None:
        """Warn of risks in the cookies that these exchanges set; ``held`` are the cookies held after them."""
        for exchange in exchanges:
            for cookie in exchange.set_cookies:
                self._warn_of_refusal(exchange, cookie, held)
                self._protect(exchange, cookie)

    def _warn_of_refusal(self, exchange: Exchange, cookie: SetCookie, held: Sequence[StoredCookie]) -> None:
        by, name = f"{exchange.method} {exchange.path}", shown(cookie.name)
        if why := refusal(exchange, cookie):
            lost = " It goes on with the one that it held before, and what was put into it since is lost."
            is_held = any(each.name == cookie.name for each in held)
            self.note(f'"{name}" of {by} is refused by the browser, since {why}.{lost if is_held else ""}')
        elif cookie.size > MOST_OCTETS * NEARLY:
            self.note(
                f'"{name}" of {by} has {cookie.size} octets, and browsers refuse more than {MOST_OCTETS}: keep what '
                "grows on the server."
            )

    def _protect(self, exchange: Exchange, cookie: SetCookie) -> None:
        """Warn of a session cookie without a protecting attribute; for a Flask app, with the setting of Flask."""
        is_flasks = cookie.name == self.app_info.session_cookie
        if not cookie.value or not (is_flasks or self._is_a_session(cookie)):
            return
        if is_flasks and self.app_info.secret_key in {
            hashlib.sha256(repr(key).encode()).hexdigest() for key in GUESSABLE
        }:
            self.note(
                "SECRET_KEY can be guessed, and whoever guesses it signs in as anybody. Make another "
                f"({MAKE_A_KEY}) and keep it out of the code."
            )
        for attribute, risk, of_flask, otherwise in PROTECTION:
            if attribute == "secure" and not is_flasks and exchange.scheme != "https":
                continue
            if not _is_protected_by(attribute, cookie):
                fix = of_flask if is_flasks else f"{otherwise} to its Set-Cookie."
                self.note(f'the session cookie "{shown(cookie.name)}" is not protected: {risk}. {fix}')

    def _is_a_session(self, cookie: SetCookie) -> bool:
        is_named = bool(SESSION.search(cookie.name)) and not FOR_SCRIPTS.search(cookie.name)
        return is_named or cookie.name in self._signs_in


def _is_protected_by(attribute: str, cookie: SetCookie) -> bool:
    if attribute == "samesite":  # in any case of letters; browsers treat another value as if it were left out
        return cookie.same_site in ("Lax", "Strict")
    return attribute in cookie.attributes
