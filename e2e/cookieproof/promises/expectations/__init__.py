"""The expectations of a cookie, a file for each (``Expectation`` is their base class), and those of a storage."""

from cookieproof.promises.expectations.expect import CookieExpectation, expect_cookie
from cookieproof.promises.expectations.expectation import Expectation
from cookieproof.promises.expectations.storage import StorageExpectation, expect_storage

__all__ = ["CookieExpectation", "Expectation", "StorageExpectation", "expect_cookie", "expect_storage"]
