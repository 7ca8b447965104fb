"""The kind of site that a command serves, whatever it is written in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cookieproof.errors import CookieproofError
from cookieproof.settings import FILE
from cookieproof.site.command_process import CommandProcess
from cookieproof.site.recorded_process import RecordedProcess
from cookieproof.site.recorded_site import RecordedSite
from cookieproof.site.site_spec import Option, SiteSpec
from cookieproof.site.sites import Sites

if TYPE_CHECKING:
    from cookieproof.site.site import MakeSite

START_MILLISECONDS = 30_000
# The keys of ``web_server`` and of the marker for a command, besides ``env`` and ``setup``.
KEYS = MappingProxyType({"command": str, "url": str, "cwd": str, "timeout": int, "hosts": list[str]})


class CommandSite(RecordedSite):
    """A site that a command serves on loopback, behind the recorder, as one test sees it."""

    options = (
        Option(
            "--site-command",
            "COMMAND",
            "the command that serves the site at {port}, as gunicorn --bind 127.0.0.1:{port} wsgi:app; wins over "
            "playwright.config.py",
        ),
    )
    keys = KEYS

    @classmethod
    def asked_for(cls, spec: SiteSpec) -> MakeSite | None:
        """Return a function that makes the site, if marker, ``--site-command`` or settings name a command; else None.

        The marker wins over the option, and the option over the settings.
        """
        web_server, marker = dict(spec.web_server), spec.marker
        marked = dict(marker.kwargs) if marker else {}
        if marker and marker.args:
            if "command" in marked:
                raise CookieproofError("@pytest.mark.site names an app and a command: leave one of them out.")
            return None
        option, app = spec.options.get("site_command"), spec.options.get("site")
        if option and app:
            raise CookieproofError("--site and --site-command are two sites: leave one of them out.")
        if "command" in web_server and "app" in web_server:
            raise CookieproofError(f"{FILE}: {spec.where} names an app and a command: leave one of them out.")
        if "command" not in marked:
            if app or (spec.options.get("base_url") and not option):
                return None
            if not option and "command" not in web_server:
                return None
        for name in marked:
            if name not in (*KEYS, "env", "setup", "https"):
                raise CookieproofError(
                    f"@pytest.mark.site({name}=…) is Flask's configuration, and the site is a command: "
                    "give it environment variables by env=."
                )
        told = web_server | ({"command": option} if option else {}) | marked
        env = {**web_server.get("env", {}), **marked.get("env", {})}
        return lambda sites: cls._of(sites, told, env, spec)

    @classmethod
    def _of(cls, sites: Sites, told: Mapping[str, Any], env: Mapping[str, str], spec: SiteSpec) -> CommandSite:
        """Return the site for one test. Tests with the same command and settings share one process group."""
        command, cwd = told["command"], sites.root / told.get("cwd", ".")
        hosts = (*filter(None, [spec.other]), *told.get("hosts", ()))
        tmp = Path(sites.fill_in("{tmp}"))
        # {port} is not known yet, and no set-up needs it.
        sites.set_up(told.get("setup", ""), {}, {name: sites.fill_in(value) for name, value in env.items()})

        def make(folder: Path) -> RecordedProcess[CommandProcess]:
            process = CommandProcess(
                command,
                url=told.get("url", "/"),
                env={**env, **sites.clock.env("site")},
                cwd=cwd,
                timeout=told.get("timeout", START_MILLISECONDS) / 1000,
                folder=folder,
                tmp=tmp,
                offset_file=sites.clock.offset_file("site"),
                title=spec.title,
            )
            return RecordedProcess(process, sites.recorder, hosts, spec.allow_hosts, spec.other)

        key = (cls, command, str(cwd), *map(told.get, ("url", "timeout")), repr(sorted(env.items())), hosts, spec.other)
        return cls(sites.keep(key, make), sites.clock, https=told.get("https", False))

    def restart(self, *, env: Mapping[str, str] | None = None, **config: Any) -> None:
        """Stop the command and start it again; ``env`` wins over the configured variables.

        The next test gets the site as configured again. Raises ``CookieproofError`` with the command's last lines of
        output if it does not start.
        """
        if config:
            raise self._cannot(f"be given {', '.join(config)}, Flask's configuration: give it env=, and")
        super().restart(env=env)

    def _cannot(self, what: str) -> CookieproofError:
        return CookieproofError(f"A site that a command serves cannot {what}.")
