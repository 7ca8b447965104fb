"""Cookies and sessions of Flask sites, proven in real browsers that really close."""

from cookieproof.errors import CookieproofError
from cookieproof.expectations import expect_cookie

__all__ = ["CookieproofError", "expect_cookie"]
