"""What a test's marker, the command line and playwright.config.py say of the site, for each kind of site to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Option:
    """An option of the command line that a kind of site adds: ``--site MODULE:FACTORY``, and what it is for."""

    name: str
    metavar: str
    help: str


@dataclass(frozen=True)
class SiteMarker:
    """``@pytest.mark.site(*args, **kwargs)``, and the folder of the test that has it."""

    folder: Path
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SiteSpec:
    """What a test's marker, the command line and ``playwright.config.py`` say of the site.

    Apps and commands are spelled as seen from ``root``. ``web_server`` is the file's, ``options`` are all of the
    command line's by name ("site", "base_url"); None or empty is one that was not given. ``allow_hosts`` are hosts that
    may be reached besides the site's, ``ignore_https_errors`` is whether any certificate will do. ``sites`` is
    the file's, too. ``other`` is the host of a site beside the first, whose ``web_server`` this is then; empty for the
    first.
    """

    root: Path
    web_server: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    marker: SiteMarker | None = None
    allow_hosts: Sequence[str] = ()
    ignore_https_errors: bool = False
    sites: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    other: str = ""

    @property
    def others(self) -> list[SiteSpec]:
        """What is asked for as each of the sites beside the first."""
        return [
            replace(self, web_server=told, other=host, sites={}, options={}, marker=None)
            for host, told in self.sites.items()
        ]

    @property
    def where(self) -> str:
        """The key of ``playwright.config.py`` that holds ``web_server``, for an error text."""
        return f"sites[{self.other!r}]" if self.other else "web_server"

    @property
    def title(self) -> str:
        """The words with which a sentence about this site begins."""
        return f"The site {self.other}" if self.other else "The site"
