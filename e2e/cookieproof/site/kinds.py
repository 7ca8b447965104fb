"""All kinds of site, and which of them a test asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cookieproof.errors import CookieproofError
from cookieproof.settings import FILE
from cookieproof.site.asked import Asked
from cookieproof.site.remote_site import RemoteSite
from cookieproof.site.served_app import ServedApp
from cookieproof.site.site import Site

if TYPE_CHECKING:
    from cookieproof.site.site import MakeSite

# The first that is meant is made. To add one, write a file with a ``Site`` and name it here; from outside, insert it.
KINDS: list[type[Site]] = [ServedApp, RemoteSite]


def choose(asked: Asked) -> MakeSite:
    """What makes the site that is asked for. Raises ``CookieproofError`` if none is."""
    for kind in KINDS:
        if make := kind.asked_for(asked):
            return make
    raise CookieproofError(
        f'No site to serve: name one with --site "path/or.module:factory", or in {FILE} '
        'with web_server = {"app": "path/or.module:factory"}.'
    )


def check(asked: Asked) -> None:
    """Raise ``CookieproofError`` for what no kind of site can mean, before the first test; none may be meant."""
    for kind in KINDS:
        kind.asked_for(asked)


def keys() -> Mapping[str, Any]:
    """The types of the keys of ``web_server`` that the kinds add to those of ``settings.WebServer``, by name."""
    return {name: hint for kind in KINDS for name, hint in kind.keys.items()}
