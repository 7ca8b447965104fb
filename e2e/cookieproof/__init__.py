"""Cookies and sessions of web sites, proven in real browsers that really close."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cookieproof.clock.clock import Clock
    from cookieproof.cookies.exchange import Exchange
    from cookieproof.errors import CookieproofError
    from cookieproof.plugin.audit_tests import audit_sessions
    from cookieproof.plugin.lifetime_tests import prove_lifetimes
    from cookieproof.promises.audit.account import Account
    from cookieproof.promises.expectations import expect_cookie, expect_storage
    from cookieproof.promises.lifetimes import WITH_THE_BROWSER, Lifetime
    from cookieproof.promises.sign_in import SignIn
    from cookieproof.site.site import Site
    from cookieproof.visitor.new_visitor import NewVisitor
    from cookieproof.visitor.visitor import Visitor

# Each is imported at its first use: a site's process, which begins in this package too, needs neither Playwright nor
# pytest.
_MODULES = {
    "WITH_THE_BROWSER": "promises.lifetimes",
    "Account": "promises.audit.account",
    "Clock": "clock.clock",
    "CookieproofError": "errors",
    "Exchange": "cookies.exchange",
    "Lifetime": "promises.lifetimes",
    "NewVisitor": "visitor.new_visitor",
    "SignIn": "promises.sign_in",
    "Site": "site.site",
    "Visitor": "visitor.visitor",
    "audit_sessions": "plugin.audit_tests",
    "expect_cookie": "promises.expectations",
    "expect_storage": "promises.expectations",
    "prove_lifetimes": "plugin.lifetime_tests",
}

__all__ = [
    "WITH_THE_BROWSER",
    "Account",
    "Clock",
    "CookieproofError",
    "Exchange",
    "Lifetime",
    "NewVisitor",
    "SignIn",
    "Site",
    "Visitor",
    "audit_sessions",
    "expect_cookie",
    "expect_storage",
    "prove_lifetimes",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
