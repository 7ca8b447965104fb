"""``expect_cookie``: what a test promises about one cookie, and the evidence when the promise is broken.

What the browser holds and sends decides; the exchanges explain who did it.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from cookieproof.promises.evidence import SeenCookie
from cookieproof.promises.expectations.expectation import Expectation, need_timedelta
from cookieproof.promises.expectations.never_to_be_set import NeverToBeSet
from cookieproof.promises.expectations.not_to_be_sent import NotToBeSent
from cookieproof.promises.expectations.retrying import RetryingAssertion
from cookieproof.promises.expectations.to_be_deleted import ToBeDeleted
from cookieproof.promises.expectations.to_be_sent import ToBeSent
from cookieproof.promises.expectations.to_end_with_the_browser import ToEndWithTheBrowser
from cookieproof.promises.expectations.to_expire_in import ToExpireIn
from cookieproof.promises.expectations.to_have import ToHave

if TYPE_CHECKING:
    from types import EllipsisType

    from playwright.sync_api import Frame

    from cookieproof.visitor.visitor import Visitor

__tracebackhide__ = True  # a failure points at the line of the test


def expect_cookie(
    visitor: Visitor, name: str, path: str | None = None, frame: Frame | None = None
) -> CookieExpectation:
    """Return the expectations about the cookie ``name`` that the visitor's browser has for ``path`` of its host.

    With a frame of the visitor's page: for ``path`` of the frame's host, as that frame asks for it.

    Of several cookies of the name, the path chooses the one that is sent there. Without a path it is "/", and a cookie
    that lives on at another path counts as living on.

    An expectation waits for pending requests, and for up to ``expect.timeout`` (Playwright's, 5 s by default) until it
    holds.
    """
    return CookieExpectation(visitor, name, path, frame)


class CookieExpectation:
    """Returned by ``expect_cookie``. Each method raises ``AssertionError`` with the evidence if it does not hold."""

    def __init__(self, visitor: Visitor, name: str, path: str | None, frame: Frame | None = None) -> None:
        self._assertion = RetryingAssertion(visitor, name, partial(SeenCookie, visitor, name, path, frame))

    def to(self, expectation: Expectation) -> None:
        """Wait until an ``Expectation`` of your own holds; raise ``AssertionError`` if it does not."""
        self._assertion.hold(expectation)
        if expectation.watched:
            self._assertion.watch(expectation)

    def to_be_sent(self, *, value: str | None = None) -> None:
        """The browser sends the cookie to the path, as the site last set it; with this value, if one is given."""
        self.to(ToBeSent(value))

    def not_to_be_sent(self) -> None:
        """The browser does not send the cookie to the path, though it once held or sent the cookie.

        Waits until the network is idle. Fails for a cookie that was never set, or that the browser never accepted
        (``never_to_be_set`` is for those), and for one that the browser still holds for another path.
        """
        self.to(NotToBeSent())

    def never_to_be_set(self, within: timedelta = timedelta(0)) -> None:
        """No response to this visitor and no script set the cookie, and the browser neither sends nor holds it.

        Waits until the network is idle, and then watches for ``within`` (of real time, as a page's timers run).
        """
        need_timedelta("never_to_be_set", within=within)
        self.to(NeverToBeSet(within))

    def to_be_deleted(self) -> None:
        """The browser held the cookie, and a ``Set-Cookie``, ``Clear-Site-Data`` or a script deleted it.

        Waits until the network is idle. A failure names the cause, as far as it is known: another name, path or
        domain, a deletion that the browser refuses, a cookie that was set again, or that ended otherwise.
        """
        self.to(ToBeDeleted())

    def to_end_with_the_browser(self) -> None:
        """The browser holds the cookie without an expiry (RFC 6265bis, 5.7 step 3), and all others of its name, too.

        With ``path`` these are all that are sent there, without ``path`` all that are held for the host. This reads
        what was promised; a restart and ``not_to_be_sent`` prove that it is kept.
        """
        self.to(ToEndWithTheBrowser())

    def to_expire_in(self, age: timedelta, within: timedelta = timedelta(seconds=5)) -> None:
        """The browser holds the cookie until ``age`` (± ``within``) after it was last set, by the browser's clock."""
        need_timedelta("to_expire_in", age=age, within=within)
        self.to(ToExpireIn(age, within))

    def to_have(
        self,
        *,
        http_only: bool | None = None,
        secure: bool | None = None,
        same_site: str | EllipsisType | None = ...,
        path: str | None = None,
        domain: str | EllipsisType | None = ...,
        partitioned: bool | None = None,
        priority: str | EllipsisType | None = ...,
    ) -> None:
        """The site set the cookie with these attributes, and the browser holds it so, as far as the browser tells.

        ``same_site`` is "Strict", "Lax", "None", or None for left out; ``domain`` is without its dot, or None for
        host-only; ``priority`` is "Low", "Medium", "High", or None for left out. An attribute that is not named is not
        checked.
        """
        flags = {"http_only": http_only, "secure": secure, "path": path, "partitioned": partitioned}
        wanted: dict[str, object] = {key: value for key, value in flags.items() if value is not None}
        may_be_none = {"same_site": same_site, "domain": domain, "priority": priority}
        wanted |= {key: value for key, value in may_be_none.items() if value is not ...}
        if not wanted:
            raise TypeError("to_have() checks nothing: name at least one attribute")
        self.to(ToHave(wanted))
