"""Cookies and sessions of Flask sites, proven in real browsers that really close."""

from cookieproof.errors import CookieproofError
from cookieproof.expectations import expect_cookie
from cookieproof.lifetimes import WITH_THE_BROWSER, Lifetime, prove_lifetimes

__all__ = ["WITH_THE_BROWSER", "CookieproofError", "Lifetime", "expect_cookie", "prove_lifetimes"]
