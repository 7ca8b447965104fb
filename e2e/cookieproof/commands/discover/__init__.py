"""``python -m cookieproof discover``: visits a site, proves what its cookies do, and writes the test that says so.

``discovery`` goes through it, ``visits`` visits, ``signed_in`` does it as somebody whom a function of the user's
(``functions``) signs in, ``suggested_lifetimes`` makes a lifetime of each cookie, ``proven_lifetimes`` proves it,
``warnings`` has what looks wrong, and ``written`` the file.
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
    """What the command line names: ``site`` is an app or a URL; what is empty was not given."""

    site: str = ""
    command: str = ""
    paths: Sequence[str] = ()
    sign_in: str = ""
    sign_out: str = ""


def main(given: Arguments) -> str:
    """The test file. Raises ``CookieproofError`` if the site cannot be had, or no cookie is seen."""
    root, paths = Path.cwd(), list(dict.fromkeys(given.paths)) or ["/"]
    for path in paths:
        if not path.startswith("/"):
            raise CookieproofError(f'--visit "{path}" is no path of the site: spell it "/{path}".')
    functions = Functions.named(root, given.sign_in, given.sign_out)
    asked = named_site(root, "discover", given.site, given.command)
    run = Run(asked.title, asked.pytest)
    with harness_for(CHROMIUM) as here:
        return Discovery(here, here.harness.site(asked.spec), paths, functions, run).file()
