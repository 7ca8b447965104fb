"""The ways in which a browser ends: a file for each. ``Ending`` defines one; ``ENDINGS`` lists them all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from cookieproof.browser.endings.crash import Crash
from cookieproof.browser.endings.ending import Ending, Running
from cookieproof.browser.endings.last_window import LastWindow
from cookieproof.browser.endings.quit import Quit
from cookieproof.browser.endings.sigint import Sigint
from cookieproof.browser.endings.sigterm import Sigterm
from cookieproof.errors import CookieproofError

EndingName = Literal["quit", "last-window", "sigint", "sigterm"]
CRASH = Crash()
# The names for ``visitor.close(how=…)``. A crash is not among them: nobody closes a browser in this way.
ENDINGS: Mapping[str, Ending] = {ending.name: ending for ending in (Quit(), LastWindow(), Sigint(), Sigterm())}

__all__ = ["CRASH", "ENDINGS", "Ending", "EndingName", "Running", "ending_of"]


def ending_of(how: str | Ending) -> Ending:
    """Return the ending of the name ``how``, or ``how`` itself if it is an ``Ending``.

    Raises ``CookieproofError`` for an unknown name.
    """
    if not isinstance(how, str):
        return how
    if how not in ENDINGS:
        endings = ", ".join(f'"{each}"' for each in ENDINGS)
        raise CookieproofError(f'A browser is not closed by how="{how}": choose one of {endings}.')
    return ENDINGS[how]
