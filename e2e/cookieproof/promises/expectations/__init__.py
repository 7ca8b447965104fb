"""What a test promises about one cookie: a file for each expectation; ``Expectation`` says what one must promise."""

from cookieproof.promises.expectations.expect import CookieExpectation, expect_cookie
from cookieproof.promises.expectations.expectation import Expectation

__all__ = ["CookieExpectation", "Expectation", "expect_cookie"]
