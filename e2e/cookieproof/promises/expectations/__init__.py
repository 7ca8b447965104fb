"""What a test promises: a file for each expectation of a cookie (``Expectation`` says what one must promise), and one
for those of a name in a storage.
"""

from cookieproof.promises.expectations.expect import CookieExpectation, expect_cookie
from cookieproof.promises.expectations.expectation import Expectation
from cookieproof.promises.expectations.storage import StorageExpectation, expect_storage

__all__ = ["CookieExpectation", "Expectation", "StorageExpectation", "expect_cookie", "expect_storage"]
