"""``python -m cookieproof discover``: visits a site, proves what its cookies do, and writes the test that says so.

``discovery`` goes through it, ``visits`` visits, ``signed_in`` does it as somebody whom a function of the user's
(``functions``) signs in, ``guesses`` has what each cookie is to be, ``proofs`` proves it, ``warnings`` has what
looks wrong, and ``written`` the file.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cookieproof import settings
from cookieproof.browser.chromium import CHROMIUM
from cookieproof.commands.discover.discovery import Discovery
from cookieproof.commands.discover.functions import Functions
from cookieproof.commands.discover.written import Run
from cookieproof.errors import CookieproofError
from cookieproof.harness import harness_for
from cookieproof.site import kinds
from cookieproof.site.site_spec import SiteSpec


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
    spec, run = _spec(root, given)
    with harness_for(CHROMIUM) as here:
        return Discovery(here, here.harness.site(spec), paths, functions, run).file()


def _spec(root: Path, given: Arguments) -> tuple[SiteSpec, Run]:
    """What is asked for as the site, and how pytest is told of it."""
    if given.site and given.command:
        raise CookieproofError(f'discover names "{given.site}" and a --command, which are two sites: leave one out.')
    told = settings.load(root, kinds.keys())
    option, name, value = "", "", ""
    if "://" in given.site:
        option, name, value = "--base-url", "base_url", given.site
    elif given.site:
        settings.check_app(given.site, root, "discover")
        option, name, value = "--site", "site", given.site
    elif given.command:
        option, name, value = "--site-command", "site_command", given.command
    options: dict[str, Any] = {name: value} if option else {"base_url": told.base_url}
    title = value or told.base_url or told.web_server.get("app") or dict(told.web_server).get("command")
    if not title:
        raise CookieproofError(
            'Name the site: discover "path/or.module:factory", spelled as flask --app does, or a URL, or '
            '--command "gunicorn --bind 127.0.0.1:{port} wsgi:app".'
        )
    ignores = bool(told.use.get("context_options", {}).get("ignore_https_errors"))
    spec = SiteSpec(root, told.web_server, options, allow_hosts=told.allow_hosts, ignore_https_errors=ignores)
    return spec, Run(str(title), f"pytest {option} {shlex.quote(value)}" if option else "pytest")
