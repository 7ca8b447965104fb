"""A promise about how long somebody stays signed in, whether the site keeps it in cookies or in storage."""

from __future__ import annotations

from dataclasses import dataclass, field

from cookieproof.errors import CookieproofError
from cookieproof.promises.lifetimes import Lifetime, Shown, in_words

__tracebackhide__ = True  # a failure points at the line of the test


@dataclass(frozen=True)
class SignIn(Lifetime):
    """A ``Lifetime`` without a cookie's name: it is judged only by what the page at ``path`` shows to the person.

    ``set_by`` signs in, ``deleted_by`` signs out, and ``shows`` must be there: a text, or a function that takes a page
    and returns a Locator. A token in localStorage, a session that the server ends, or a remember-me cookie that signs
    in anew are judged alike. All other fields are those of ``Lifetime``.

    Raises ``CookieproofError`` for what cannot be proven.
    """

    name: str = field(default="", init=False)
    shows: Shown | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.shows is None:
            raise CookieproofError(
                f"{self}: only a page tells who is signed in, so declare what it shows: "
                'SignIn(…, path="/account", shows="Signed in as Ada").'
            )

    def __str__(self) -> str:
        return f"sign-in by {in_words(self.set_by)}"

    @property
    def test_name(self) -> str:
        """The name of the sign-in's test."""
        return "sign-in"

    @property
    def is_of_a_cookie(self) -> bool:
        return False
