"""The site that a command's arguments name, or else the configured site."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cookieproof import settings
from cookieproof.errors import CookieproofError
from cookieproof.site import kinds
from cookieproof.site.app_name import check_app
from cookieproof.site.site_spec import SiteSpec


@dataclass(frozen=True)
class NamedSite:
    """The site of a command: ``title`` is its name for people, ``pytest`` the command line that tests the same site."""

    spec: SiteSpec
    title: str
    pytest: str


def named_site(root: Path, command: str, site: str, serves: str) -> NamedSite:
    """Return the site that ``site`` (an app or a URL) or ``serves`` (a command) names, or else the configured one.

    ``command`` is the name of the command, for errors. Raises ``CookieproofError`` if no site is named, or two are.
    """
    if site and serves:
        raise CookieproofError(f'{command} names "{site}" and a --command, which are two sites: leave one out.')
    told = settings.load(root, kinds.keys())
    option, name, value = "", "", ""
    if "://" in site:
        option, name, value = "--base-url", "base_url", site
    elif site:
        check_app(site, root, command)
        option, name, value = "--site", "site", site
    elif serves:
        option, name, value = "--site-command", "site_command", serves
    options: dict[str, Any] = {name: value} if option else {"base_url": told.base_url}
    title = value or told.base_url or told.web_server.get("app") or dict(told.web_server).get("command")
    if not title:
        raise CookieproofError(
            f'Name the site: {command} "path/or.module:factory", spelled as flask --app does, or a URL, or '
            '--command "gunicorn --bind 127.0.0.1:{port} wsgi:app".'
        )
    ignores = bool(told.use.get("context_options", {}).get("ignore_https_errors"))
    spec = SiteSpec(
        root,
        told.web_server,
        options,
        allow_hosts=told.allow_hosts,
        ignore_https_errors=ignores,
        sites=told.sites,
    )
    kinds.check(spec)
    return NamedSite(spec, str(title), f"pytest {option} {shlex.quote(value)}" if option else "pytest")
