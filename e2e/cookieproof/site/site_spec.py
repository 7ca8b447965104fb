"""What a test's marker, the command line and playwright.config.py say of the site, for each kind of site to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Option:
    """A command-line option that a kind of site adds, such as ``--site MODULE:FACTORY``, with its help text."""

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

    Paths of apps and commands are relative to ``root``. ``web_server`` and ``sites`` are the file's. ``options`` are
    all options of the command line by name ("site", "base_url"); an option that was not given is None or empty.
    ``allow_hosts`` are hosts of others that browsers may reach, ``ignore_https_errors`` is whether any certificate is
    accepted. ``other`` is the host of a further site, whose ``web_server`` this is then; empty for the first site.
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
        """The specification of each further site."""
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
        """The name of this site with which an error text begins."""
        return f"The site {self.other}" if self.other else "The site"
