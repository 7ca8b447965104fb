"""Lists all kinds of site, and chooses the one that a test asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cookieproof.errors import CookieproofError
from cookieproof.settings import FILE
from cookieproof.site.command_site import CommandSite
from cookieproof.site.recorded_process import OWN_NAMES
from cookieproof.site.recorder.hosts import matches
from cookieproof.site.remote_site import RemoteSite
from cookieproof.site.served_app import ServedApp
from cookieproof.site.site import Site
from cookieproof.site.site_spec import SiteSpec
from cookieproof.words import quoted

if TYPE_CHECKING:
    from cookieproof.site.site import MakeSite

# A host name or ``*.`` pattern in lower case, as browsers send it, without a port.
HOST = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*")
# The first kind that a test asks for is made. To add one, write a file with a ``Site``, and name the class here.
KINDS: list[type[Site]] = [CommandSite, ServedApp, RemoteSite]


def choose(spec: SiteSpec) -> MakeSite:
    """Return a function that makes the site that ``spec`` asks for. Raises ``CookieproofError`` if it asks for none."""
    for kind in KINDS:
        if make := kind.asked_for(spec):
            return make
    raise CookieproofError(
        f'No site to serve: name one with --site "path/or.module:factory", or in {FILE} '
        'with web_server = {"app": "path/or.module:factory"}.'
    )


def check(spec: SiteSpec) -> None:
    """Raise ``CookieproofError``, before the first test, if no kind of site accepts ``spec``.

    A run without a site is accepted.
    """
    for kind in KINDS:
        kind.asked_for(spec)
    taken = dict.fromkeys(spec.web_server.get("hosts", ()), "web_server has it, too")
    for other in spec.others:
        for host in (other.other, *other.web_server.get("hosts", ())):
            _check_host(host, other, taken)
            taken[host] = f"{other.where} has it, too"
        if not any([kind.asked_for(other) for kind in KINDS]):
            raise CookieproofError(
                f'{FILE}: {other.where} names no site: give it "app" or "command", as web_server has them.'
            )


def _check_host(host: str, other: SiteSpec, taken: Mapping[str, str]) -> None:
    """Raise ``CookieproofError`` unless the further site ``other`` may have this host.

    ``taken`` maps hosts that are taken to the reason.
    """
    why = (
        "that is no host name"
        if not HOST.fullmatch(host)
        else "a site is visited at one name: write that, and the pattern in its hosts"
        if "*" in host and host == other.other
        else "names of this machine and under test lead to the site of web_server"
        if matches(host, OWN_NAMES)
        else taken.get(host, "")
    )
    if why:
        raise CookieproofError(
            f"{FILE}: {other.where} is to be had as {quoted(host)}, but {why}. "
            'Name a host of its own, as "idp.example".'
        )


def keys() -> Mapping[str, Any]:
    """Return the keys of ``web_server`` that kinds of site add to ``settings.WebServer``, each with its type."""
    return {name: hint for kind in KINDS for name, hint in kind.keys.items()}
