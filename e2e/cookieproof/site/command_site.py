"""A site that a command serves, whatever it is written in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cookieproof.clock.clock import Offset
from cookieproof.cookies.exchange import Exchange
from cookieproof.errors import CookieproofError
from cookieproof.settings import FILE
from cookieproof.site.asked import Asked, Option
from cookieproof.site.command_process import CommandProcess
from cookieproof.site.own_pages import BLANK, COOKIE_INSPECTOR
from cookieproof.site.recorded_process import RecordedProcess
from cookieproof.site.recorder.recording import matches
from cookieproof.site.site import Secure, Site
from cookieproof.site.sites import Sites

if TYPE_CHECKING:
    from cookieproof.site.site import MakeSite

START_MILLISECONDS = 30_000
# What ``web_server`` and the marker may say of a command, beside ``env`` and ``setup``.
KEYS = MappingProxyType({"command": str, "url": str, "cwd": str, "timeout": int, "hosts": list[str]})


class CommandSite(Site):
    """A site that a command serves on loopback, behind the recorder, as one test sees it."""

    served = True
    options = (
        Option(
            "--site-command",
            "COMMAND",
            "the command that serves the site at {port}, as gunicorn --bind 127.0.0.1:{port} wsgi:app; wins over "
            "playwright.config.py",
        ),
    )
    keys = KEYS

    def __init__(self, process: RecordedProcess, sites: Sites, *, https: bool = False) -> None:
        """``https`` says which scheme is meant where none is named."""
        super().__init__(sites.clock)
        self._process, self._https = process, https
        self._recording = process.recording
        process.ensure_plain()
        self._log_start = process.log_file.stat().st_size
        self._wire_start = len(self._recording.exchanges())
        self._failures_told = len(self._recording.failures)
        self._proxies = process.proxies()

    @classmethod
    def asked_for(cls, asked: Asked) -> MakeSite | None:
        """By ``command=`` of the marker, else by ``--site-command``, else by ``command`` of the settings."""
        web_server, marker = dict(asked.web_server), asked.marker
        marked = dict(marker.kwargs) if marker else {}
        if marker and marker.args:
            if "command" in marked:
                raise CookieproofError("@pytest.mark.site names an app and a command: leave one of them out.")
            return None
        option, app = asked.options.get("site_command"), asked.options.get("site")
        if option and app:
            raise CookieproofError("--site and --site-command are two sites: leave one of them out.")
        if "command" in web_server and "app" in web_server:
            raise CookieproofError(f"{FILE}: web_server names an app and a command: leave one of them out.")
        if "command" not in marked:
            if app or (asked.options.get("base_url") and not option):
                return None
            if not option and "command" not in web_server:
                return None
        for name in marked:
            if name not in (*KEYS, "env", "setup"):
                raise CookieproofError(
                    f"@pytest.mark.site({name}=…) is Flask's configuration, and the site is a command: "
                    "give it environment variables by env=."
                )
        told = web_server | ({"command": option} if option else {}) | marked
        env = {**web_server.get("env", {}), **marked.get("env", {})}
        return lambda sites: cls._of(sites, told, env)

    @classmethod
    def _of(cls, sites: Sites, told: Mapping[str, Any], env: Mapping[str, str]) -> CommandSite:
        """The site for one test. Commands that are told the same are one process group."""
        command, cwd = told["command"], sites.root / told.get("cwd", ".")
        hosts, tmp = tuple(told.get("hosts", ())), Path(sites.fill_in("{tmp}"))
        sites.set_up(told.get("setup", ""), {}, env)

        def make(folder: Path) -> RecordedProcess:
            process = CommandProcess(
                command,
                url=told.get("url", "/"),
                env={**env, **sites.clock.env("site")},
                cwd=cwd,
                timeout=told.get("timeout", START_MILLISECONDS) / 1000,
                folder=folder,
                tmp=tmp,
                offset_file=sites.clock.offset_file("site"),
            )
            return RecordedProcess(process, sites.recorder, hosts)

        key = (cls, command, str(cwd), told.get("url"), repr(sorted(env.items())), hosts)
        return cls(sites.keep(key, make), sites, https=told.get("https", False))

    @property
    def url(self) -> str:
        return self.at("localhost")

    @property
    def https(self) -> Secure:
        return Secure(self)

    def at(self, host: str, *, https: bool | None = None) -> str:
        """Its URL under another host name, over https if so configured or asked for.

        A name of ``hosts`` is had at the port that URLs leave out, ``*.localhost`` at the port of this run.
        """
        hosts = self._recording.hosts
        if not matches(host, hosts.names):
            raise CookieproofError(
                f'The site is not to be had as {host}: name it in {FILE}, web_server = {{"hosts": ["{host}"]}}.'
            )
        scheme = "https" if (self._https if https is None else https) else "http"
        return f"{scheme}://{host}" if matches(host, self._process.named) else f"{scheme}://{host}:{self._process.port}"

    def origin_of(self, url: str) -> str | None:
        asked = urlsplit(url)
        port = asked.port or {"http": 80, "https": 443}.get(asked.scheme, 0)
        if not self._recording.hosts.are_the_sites(asked.hostname or "", port):
            return None
        return f"{asked.scheme}://{asked.netloc}"

    def own_url(self, url: str) -> str:
        asked = urlsplit(url)
        return asked._replace(netloc=f"{asked.hostname}:{self._recording.own_port}").geturl()

    def own_page(self, origin: str, *, watched: bool = False) -> str:
        return self.own_url(origin + (COOKIE_INSPECTOR if watched else BLANK))

    def proxy(self, visitor: int, life: int) -> int | None:
        return self._proxies.port(visitor, life)

    def end(self) -> None:
        self._proxies.close()

    def restart(self, *, env: Mapping[str, str] | None = None, **config: Any) -> None:
        """Stop the command and start it again, with ``env`` on top of the configured variables.

        The next test gets the plain environment again. Raises ``CookieproofError`` with its last lines of
        output if it does not start.
        """
        if config:
            raise self._cannot(f"be given {', '.join(config)}, Flask's configuration: give it env=, and")
        if not self.death_is_told and (death := self.tell_death()):
            raise CookieproofError(death)  # else nobody would hear of it
        self._process.restart(env)
        self.death_is_told = False
        self.note("site restarted", ", ".join(env or {}))

    @property
    def death(self) -> str:
        return self._process.death()

    def await_death(self) -> str:
        return self._process.why_silent()

    def tell_failure(self) -> str:
        failures = self._recording.failures[self._failures_told :]
        self._failures_told += len(failures)
        return "\n".join(failures)

    @property
    def refused(self) -> Sequence[str]:
        return sorted(self._recording.refused)

    def check_clock(self, offsets: tuple[Offset, ...]) -> None:
        """Raise ``CookieproofError`` if the site's clock is to be moved and a process of it is not on that clock."""
        if "site" in offsets and (off := self._process.off_the_clock()):
            raise CookieproofError(
                f"The clock of the site cannot be moved: {' and '.join(off)} would not follow it, as no static binary, "
                "no container and no process with a cleaned environment does. Use clock.skew(browser=…) for what the "
                "browser alone keeps, or start the site without it."
            )

    def await_exchanges(self) -> None:
        self._recording.wait_for_answers()

    @property
    def log(self) -> str:
        """What the command has printed since the test began."""
        return self._process.log_file.read_bytes()[self._log_start :].decode(errors="replace")

    @property
    def wire(self) -> list[Exchange]:
        return self._recording.exchanges(self._wire_start)

    def _cannot(self, what: str) -> CookieproofError:
        return CookieproofError(f"A site that a command serves cannot {what}.")
