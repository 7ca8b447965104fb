"""An app that the harness serves."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cookieproof import settings
from cookieproof.clock.clock import Clock
from cookieproof.cookies import exchange as wire
from cookieproof.errors import CookieproofError
from cookieproof.site.app_process import NOTICED_SECONDS, AppProcess
from cookieproof.site.asked import Asked, Option
from cookieproof.site.facts import Facts
from cookieproof.site.job import TIME
from cookieproof.site.own_pages import BLANK, COOKIE_INSPECTOR
from cookieproof.site.site import Secure, Site
from cookieproof.site.sites import Sites
from cookieproof.site.wire_file import read

if TYPE_CHECKING:
    from cookieproof.site.site import MakeSite


class ServedApp(Site):
    """The served app, as one test sees it.

    ``url`` is ``http://localhost:PORT``, or https where that is configured; ``log`` and ``wire``
    hold what came since the test began.
    """

    served = True
    options = (
        Option(
            "--site",
            "MODULE:FACTORY",
            "the Flask app to serve, spelled as flask --app does; wins over playwright.config.py",
        ),
    )

    def __init__(self, process: AppProcess, clock: Clock, *, https: bool = False) -> None:
        """``https`` says which scheme is meant where none is named."""
        super().__init__(clock)
        self._process, self._https = process, https
        self._log_start = process.log_file.stat().st_size
        self._wire_end, self._exchanges = process.wire_file.stat().st_size, list[wire.Exchange]()
        process.ensure_plain()

    @classmethod
    def asked_for(cls, asked: Asked) -> MakeSite | None:
        """By the marker, else by ``--site``, else by the settings, unless these name what runs elsewhere."""
        web_server, marker = asked.web_server, asked.marker
        env, https = web_server.get("env", {}), web_server.get("https", False)  # whichever app is served in this run
        if marker and marker.args:
            app = marker.args[0]
            if (marker.folder / app.partition(":")[0]).exists():
                app = os.path.normpath(marker.folder / app)  # one spelling for each, so that it is served once
            else:
                settings.check_app(app, asked.root, "@pytest.mark.site")
            # The environment is the machine's, as it were; config and setup are the configured app's own.
            return lambda sites: cls._of(sites, app, marker.kwargs, env, https=https)
        if app := asked.options.get("site"):
            settings.check_app(app, asked.root, "--site")
        elif app := web_server.get("app"):
            settings.check_app(app, asked.root, f"{settings.FILE}: web_server")
            if asked.options.get("base_url"):
                return None
        if not app:
            return None
        config = {**web_server.get("config", {}), **(marker.kwargs if marker else {})}
        return lambda sites: cls._of(sites, app, config, env, web_server.get("setup", ""), https=https)

    @classmethod
    def _of(
        cls,
        sites: Sites,
        app: str,
        config: Mapping[str, Any],
        env: Mapping[str, str],
        setup: str = "",
        *,
        https: bool = False,
    ) -> ServedApp:
        """The app for one test, with a log and a wire of the test's own. Apps that are configured alike are one.

        ``setup`` is a shell command, which runs once before. ``https`` is whether the site's URLs are https by default.
        """
        config = {name: sites.fill_in(value) for name, value in config.items()}
        env = {name: sites.fill_in(value) for name, value in env.items()} | sites.clock.env("site")
        sites.set_up(setup, config, env)
        process = sites.keep(
            (cls, app, repr(sorted(config.items()))),
            lambda folder: AppProcess(app, config, env, sites.root, folder, sites.certificate.file),
        )
        return cls(process, sites.clock, https=https)

    @property
    def facts(self) -> Facts:
        """What the app's process told when it last started."""
        return Facts(**json.loads(self._process.facts_file.read_text()))

    def check_host(self, host: str) -> None:
        self.facts.check_trust(host)

    @property
    def url(self) -> str:
        return self.at("localhost")

    @property
    def https(self) -> Secure:
        return Secure(self)

    def at(self, host: str, *, https: bool | None = None) -> str:
        """The URL of this site under another host name, over https if so configured or asked for.

        ``*.localhost`` names are trusted by browsers as ``localhost`` is; ``*.test`` names
        are not, as no name on the internet is (W3C Secure Contexts, section 3.1).
        """
        is_https = self._https if https is None else https
        ports = self._process.ports
        return f"https://{host}:{ports.https}" if is_https else f"http://{host}:{ports.http}"

    def own_url(self, url: str) -> str:
        asked, ports = urlsplit(url), self._process.ports
        port = ports.own_https if asked.scheme == "https" else ports.own_http
        return asked._replace(netloc=f"{asked.hostname}:{port}").geturl()

    def own_page(self, origin: str, *, watched: bool = False) -> str:
        return self.own_url(origin + (COOKIE_INSPECTOR if watched else BLANK))

    def origin_of(self, url: str) -> str | None:
        host = urlsplit(url).hostname or ""
        origins = (self.at(host, https=False), self.at(host, https=True))
        return next((origin for origin in origins if url == origin or url.startswith(origin + "/")), None)

    def restart(self, *, env: Mapping[str, str] | None = None, **config: Any) -> None:
        """Stop the process and start it on the same port: the plain configuration plus these Flask values.

        ``env`` are environment variables on top of the configured ones.

        The next test gets the plain configuration again. Raises ``CookieproofError`` with the
        app's own last lines if it does not start.
        """
        if not self.death_is_told and (death := self.tell_death()):
            raise CookieproofError(death)  # else nobody would hear of it
        self._process.restart(env, **config)
        self.death_is_told = False
        self.note("site restarted", ", ".join([*config, *(env or {})]))

    @property
    def death(self) -> str:
        """How the site's process ended by itself, in a sentence with what it said last; an empty text while it lives.

        A restart begins anew.
        """
        return self._process.death()

    def await_death(self) -> str:
        return self._process.death(NOTICED_SECONDS)

    def note_move(self, by: timedelta, offsets: tuple[str, ...]) -> None:
        super().note_move(by, offsets)
        self._clock.check("site", "the site", self._time_shown)

    def _time_shown(self) -> datetime:
        return datetime.fromtimestamp(float(self._process.ask(TIME)), UTC)

    @property
    def log(self) -> str:
        """What the app and its server have printed since the test began."""
        return self._process.log_file.read_bytes()[self._log_start :].decode(errors="replace")

    @property
    def wire(self) -> list[wire.Exchange]:
        more, self._wire_end = read(self._process.wire_file, self._wire_end)
        self._exchanges += more
        return self._exchanges.copy()

    def _cannot(self, what: str) -> CookieproofError:
        return CookieproofError(f"The served app cannot {what}.")
