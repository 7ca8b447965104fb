"""``python -m cookieproof discover``: visits a site, proves what its cookies do, and writes a test file of it.

``discovery`` is the course of it, ``visits`` visits pages, ``signed_in`` visits them after a function of the user's
(``functions``) has signed in, ``suggested_lifetimes`` makes a lifetime of each cookie, ``proven_lifetimes`` proves it,
``security_warnings`` and ``tokens`` find risks, and ``written`` writes the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cookieproof.browser.chromium import CHROMIUM
from cookieproof.commands.discover.discovery import Discovery
from cookieproof.commands.discover.functions import Functions
from cookieproof.commands.discover.written import Run
from cookieproof.commands.named_site import named_site
from cookieproof.errors import CookieproofError
from cookieproof.harness import harness_for


@dataclass(frozen=True)
class Arguments:
    """The arguments of the command line; empty if not given. ``site`` is an app or a URL."""

    site: str = ""
    command: str = ""
    paths: Sequence[str] = ()
    sign_in: str = ""
    sign_out: str = ""


def main(given: Arguments) -> str:
    """Return the text of the test file. Raises ``CookieproofError`` if there is no site, or it sets no cookie."""
    root, paths = Path.cwd(), list(dict.fromkeys(given.paths)) or ["/"]
    for path in paths:
        if not path.startswith("/"):
            raise CookieproofError(f'--visit "{path}" is no path of the site: spell it "/{path}".')
    functions = Functions.named(root, given.sign_in, given.sign_out)
    asked = named_site(root, "discover", given.site, given.command)
    run = Run(asked.title, asked.pytest)
    with harness_for(CHROMIUM) as command:
        return Discovery(command, command.harness.site(asked.spec), paths, functions, run).file()
