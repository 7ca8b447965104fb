"""All kinds of site, and which of them a test asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cookieproof.errors import CookieproofError
from cookieproof.settings import FILE
from cookieproof.site.command_site import CommandSite
from cookieproof.site.remote_site import RemoteSite
from cookieproof.site.served_app import ServedApp
from cookieproof.site.site import Site
from cookieproof.site.site_spec import SiteSpec

if TYPE_CHECKING:
    from cookieproof.site.site import MakeSite

# The first that is meant is made. To add one, write a file with a ``Site`` and name it here; from outside, insert it.
KINDS: list[type[Site]] = [CommandSite, ServedApp, RemoteSite]


def choose(spec: SiteSpec) -> MakeSite:
    """What makes the site that is asked for. Raises ``CookieproofError`` if none is."""
    for kind in KINDS:
        if make := kind.asked_for(spec):
            return make
    raise CookieproofError(
        f'No site to serve: name one with --site "path/or.module:factory", or in {FILE} '
        'with web_server = {"app": "path/or.module:factory"}.'
    )


def check(spec: SiteSpec) -> None:
    """Raise ``CookieproofError`` for what no kind of site can mean, before the first test; none may be meant."""
    for kind in KINDS:
        kind.asked_for(spec)


def keys() -> Mapping[str, Any]:
    """The types of the keys of ``web_server`` that the kinds add to those of ``settings.WebServer``, by name."""
    return {name: hint for kind in KINDS for name, hint in kind.keys.items()}
