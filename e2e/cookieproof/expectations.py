"""What a test promises about one cookie, and the evidence when the promise is broken.

The wire decides; what the browser stores explains. No expectation holds vacuously: each
needs this visitor's own exchanges to show that there was something to expect.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

from cookieproof.deletions import deletes, failure
from cookieproof.disk import StoredCookie
from cookieproof.errors import CookieproofError, did_you_mean
from cookieproof.wire import Exchange, SetCookie
from cookieproof.words import duration, printable, quoted, shown, shown_header

if TYPE_CHECKING:
    from types import EllipsisType

    from playwright.sync_api import Frame

    from cookieproof.visitor import Visitor

__tracebackhide__ = True  # a failure points at the line of the test


def expect_cookie(visitor: Visitor, name: str, path: str = "/", frame: Frame | None = None) -> CookieExpectation:
    """Promise something about the cookie ``name``, as the visitor's browser treats it for ``path`` of its host.

    With a frame of the visitor's page: for ``path`` of the frame's host, as that frame asks for it.
    """
    return CookieExpectation(visitor, name, path, frame)


class CookieExpectation:
    """What ``expect_cookie`` returns. Each method raises ``AssertionError`` with the evidence."""

    def __init__(self, visitor: Visitor, name: str, path: str, frame: Frame | None = None) -> None:
        self._visitor, self._name, self._path, self._frame = visitor, name, path, frame

    # --- promises

    def to_be_sent(self, *, value: str | None = None) -> None:
        """The browser sends it to the path, with this value if one is given."""
        sent = self._visitor.sent(self._path, self._frame)
        if self._name not in sent:
            self._fail(f"should be sent to {self._path}, but is not", hint=True)
        if value is not None and sent[self._name] != value:
            self._fail(f"should be sent with the value {quoted(value)}, but is sent with {quoted(sent[self._name])}")

    def not_to_be_sent(self) -> None:
        """The browser does not send it to the path, though the site once set it in this browser.

        Fails for a cookie that was never set (``never_to_be_set`` is for those), and for one
        that the browser still holds for another path.
        """
        if self._name in self._visitor.sent(self._path, self._frame):
            self._fail(f"should not be sent to {self._path}, but is")
        if not self._was_set():
            self._fail("should not be sent any more, but was never set in this browser", hint=True)
        if held := self._held():
            path = f"{shown(held[0].path)}{held[0].where}"
            self._fail(f"should not be sent any more: it is not sent to {self._path}, but lives on at {path}")

    def never_to_be_set(self) -> None:
        """No response of the site to this visitor set it, and the browser neither sends nor holds it."""
        if not self._visitor.wire:
            self._fail("should never be set, but this visitor has not visited the site yet, which proves nothing")
        if self._was_set() or self._held() or self._name in self._visitor.sent(self._path, self._frame):
            self._fail("should never be set, but was")

    def to_be_deleted(self) -> None:
        """The site set it, then sent a ``Set-Cookie`` that expires it, and the browser let it go.

        A failure names the cause, as far as the wire tells it: another name, path or domain, a
        deletion that the browser refuses, a cookie that was set again.
        """
        if not self._was_set():
            self._fail("should be deleted, but was never set in this browser", hint=True)
        is_sent = self._name in self._visitor.sent(self._path, self._frame)
        if why := failure(self._name, self._all_set_cookies(), self._held(), is_sent=is_sent):
            self._fail(f"should be deleted, but {why}")

    def to_end_with_the_browser(self) -> None:
        """It was set without Max-Age and Expires, and the browser holds it so (RFC 6265bis, 5.7 step 3).

        This reads what was promised; a restart and ``not_to_be_sent`` prove that it is kept.
        """
        cookie, held = self._last_set("should end with the browser")
        expires = cookie[1].expires(cookie[0].time) if cookie else None
        until = expires or held.expires
        if until:
            self._fail(f"should end with the browser, but outlives it, until {until:%Y-%m-%d %H:%M:%S} UTC")

    def to_expire_in(self, age: timedelta, within: timedelta = timedelta(seconds=5)) -> None:
        """The browser holds it until ``age`` after the site last set it, give or take ``within``."""
        for name, time in {"age": age, "within": within}.items():
            if not isinstance(time, timedelta):
                raise CookieproofError(f"to_expire_in({name}={quoted(time)}) takes a timedelta, as timedelta(days=7).")
        promise = f"should expire {duration(age)} after it was set"
        cookie, held = self._last_set(promise)
        if cookie is None:
            self._fail(f"{promise}, but no response of the site set it")
        if held.expires is None:
            self._fail(f"{promise}, but ends with the browser")
        actual = held.expires - cookie[0].time
        # In seconds, since the difference of two timedeltas may be larger than a timedelta can hold.
        if abs(actual.total_seconds() - age.total_seconds()) > within.total_seconds():
            self._fail(f"{promise} (within {duration(within)}), but expires {duration(actual)} after")

    def to_have(
        self,
        *,
        http_only: bool | None = None,
        secure: bool | None = None,
        same_site: str | EllipsisType | None = ...,
        path: str | None = None,
        domain: str | EllipsisType | None = ...,
    ) -> None:
        """The site asked for these attributes, and the browser holds the cookie with them.

        ``same_site`` is "Strict", "Lax", "None", or None for left out; ``domain`` is without
        its dot, or None for host-only. What is not named is not checked.
        """
        if http_only is None and secure is None and same_site is ... and path is None and domain is ...:
            raise TypeError("to_have() checks nothing: name at least one attribute")
        cookie, held = self._last_set("should have certain attributes")
        named: dict[str, object] = {"http_only": http_only, "secure": secure, "path": path}
        wanted = {key: value for key, value in named.items() if value is not None}
        wanted |= {} if same_site is ... else {"same_site": same_site}
        wanted |= {} if domain is ... else {"domain": domain}
        asked = _asked_for(*cookie) if cookie else {}
        got: dict[str, object] = {
            "http_only": held.http_only,
            "secure": held.secure,
            "same_site": held.same_site,
            "path": held.path,
            "domain": held.domain[1:] if held.domain.startswith(".") else None,
        }
        for key, value in wanted.items():
            if asked and asked[key] != value:
                self._fail(f"should have {key}={quoted(value)}, but the site asked for {key}={quoted(asked[key])}")
            # Of what the site left out, a browser reports its default.
            if got[key] != value and not (key == "same_site" and value is None):
                self._fail(f"should have {key}={quoted(value)}, but the browser holds it with {key}={quoted(got[key])}")

    # --- evidence

    def _all_set_cookies(self) -> list[tuple[Exchange, SetCookie]]:
        return [(exchange, cookie) for exchange in self._visitor.wire for cookie in exchange.set_cookies]

    def _settings(self) -> list[tuple[Exchange, SetCookie]]:
        """What set it, deletions aside."""
        ours = (each for each in self._all_set_cookies() if each[1].name == self._name)
        return [each for each in ours if not deletes(*each)]

    def _held(self, *, also_out_of_reach: bool = False) -> list[StoredCookie]:
        held = self._visitor.stored_for(self._frame, also_out_of_reach=also_out_of_reach)
        return [cookie for cookie in held if cookie.name == self._name]

    def _was_set(self) -> bool:
        # By a response, or by a script: then the wire shows it coming back.
        return bool(self._settings()) or any(self._name in exchange.cookies for exchange in self._visitor.wire)

    def _last_set(self, promise: str) -> tuple[tuple[Exchange, SetCookie] | None, StoredCookie]:
        """The last response that set it (None if a script did), and what the browser holds."""
        held = self._held()
        if not held:
            self._fail(f"{promise}, but the browser does not hold it", hint=True)
        set_by = self._settings()
        return set_by[-1] if set_by else None, held[-1]

    def _fail(self, what: str, *, hint: bool = False) -> NoReturn:
        wire = self._visitor.wire
        names = {cookie.name for _, cookie in self._all_set_cookies()}.union(*(each.cookies for each in wire))
        suggestion = ""
        if hint and self._name not in names:
            suggestion = did_you_mean(self._name, names)
        set_by = [
            f"{cookie}  [{exchange}]" for exchange, cookie in self._all_set_cookies() if cookie.name == self._name
        ]
        sent_now = [
            f"{shown(name)}={shown(value)}" for name, value in self._visitor.sent_pairs(self._path, self._frame)
        ]
        received = [f"{shown_header(each.cookie)}  [{each}]" for each in wire if each.cookie is not None]
        evidence = {
            "Set-Cookie": set_by[-3:] or ["never for this name on the wire"],
            "stored": [str(cookie) for cookie in self._held(also_out_of_reach=True)] or ["not held by the browser"],
            "sent now": sent_now or ["no cookie"],
            "sent last": received[-1:] or ["no cookie was ever sent"],
            "clock": [f"{self._visitor.clock.now():%Y-%m-%d %H:%M:%S} UTC, life {self._visitor.life}"],
        }
        lines = [f"    {label + ':':<12}{line}" for label, found in evidence.items() for line in found]
        where = f"{self._visitor.host}{printable(self._path)}"
        if self._frame:
            from cookieproof.frames import origins_of  # here, since a served site's process has no use for it

            *around, origin = (urlsplit(each).hostname or "" for each in origins_of(self._frame))
            where = f"{origin}{printable(self._path)}" + "".join(f", in a frame of {each}" for each in reversed(around))
        headline = f'cookie "{shown(self._name)}" {what}.{suggestion}'.replace("?.", "?")
        raise AssertionError("\n".join([headline, f"  seen from {where}:", *lines]))


def _asked_for(exchange: Exchange, cookie: SetCookie) -> dict[str, object]:
    attributes = cookie.attributes
    return {
        "http_only": "httponly" in attributes,
        "secure": "secure" in attributes,
        "same_site": attributes.get("samesite", "").title() or None,
        "path": cookie.path(exchange.path),
        "domain": attributes.get("domain", "").removeprefix(".").lower() or None,
    }
