"""An app that the harness serves."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from cookieproof import settings
from cookieproof.clock.clock import Clock
from cookieproof.errors import CookieproofError
from cookieproof.site.app_process import AppProcess
from cookieproof.site.facts import Facts
from cookieproof.site.job import TIME
from cookieproof.site.recorded_process import RecordedProcess
from cookieproof.site.recorded_site import RecordedSite
from cookieproof.site.site_spec import Option, SiteSpec
from cookieproof.site.sites import Sites

if TYPE_CHECKING:
    from cookieproof.site.site import MakeSite


class ServedApp(RecordedSite):
    """An app that a child of the harness serves, as one test sees it."""

    options = (
        Option(
            "--site",
            "MODULE:FACTORY",
            "the app to serve, of Flask or any WSGI callable, spelled as flask --app does; wins over "
            "playwright.config.py",
        ),
    )
    keys: ClassVar[Mapping[str, Any]] = {"trusts_proxy": bool}

    def __init__(self, process: RecordedProcess[AppProcess], clock: Clock, *, https: bool = False) -> None:
        super().__init__(process, clock, https=https)
        self._app = process.process

    @classmethod
    def asked_for(cls, spec: SiteSpec) -> MakeSite | None:
        """By the marker, else by ``--site``, else by the settings, unless these name what runs elsewhere."""
        web_server, marker = spec.web_server, spec.marker
        env = web_server.get("env", {})  # whichever app is served in this run
        if marker and marker.args:
            app = marker.args[0]
            if (marker.folder / app.partition(":")[0]).exists():
                app = os.path.normpath(marker.folder / app)  # one spelling for each, so that it is served once
            else:
                settings.check_app(app, spec.root, "@pytest.mark.site")
            # The environment is the machine's, as it were; config and setup are the configured app's own.
            return lambda sites: cls._of(sites, app, marker.kwargs, env, web_server, spec.allow_hosts)
        if app := spec.options.get("site"):
            settings.check_app(app, spec.root, "--site")
        elif app := web_server.get("app"):
            settings.check_app(app, spec.root, f"{settings.FILE}: web_server")
            if spec.options.get("base_url"):
                return None
        if not app:
            return None
        config = {**web_server.get("config", {}), **(marker.kwargs if marker else {})}
        return lambda sites: cls._of(sites, app, config, env, web_server, spec.allow_hosts, web_server.get("setup", ""))

    @classmethod
    def _of(
        cls,
        sites: Sites,
        app: str,
        config: Mapping[str, Any],
        env: Mapping[str, str],
        told: Mapping[str, Any],
        allowed: Sequence[str],
        setup: str = "",
    ) -> ServedApp:
        """The app for one test, with a log and a wire of the test's own. Apps that are configured alike are one.

        ``told`` is what ``web_server`` says of all apps of the run, ``allowed`` other hosts that may be reached,
        ``setup`` a shell command, which runs once before.
        """
        config = {name: sites.fill_in(value) for name, value in config.items()}
        env = {name: sites.fill_in(value) for name, value in env.items()} | sites.clock.env("site")
        sites.set_up(setup, config, env)
        trusts_proxy, hosts = told.get("trusts_proxy", True), tuple(told.get("hosts", ()))

        def make(folder: Path) -> RecordedProcess[AppProcess]:
            offset_file = sites.clock.offset_file("site")
            process = AppProcess(app, config, env, sites.root, folder, offset_file, trusts_proxy=trusts_proxy)
            return RecordedProcess(process, sites.recorder, hosts, allowed)

        key = (cls, app, repr(sorted(config.items())))
        return cls(sites.keep(key, make), sites.clock, https=told.get("https", False))

    @property
    def facts(self) -> Facts:
        """What the app's process told when it last started."""
        return Facts(**json.loads(self._app.facts_file.read_text()))

    def check_host(self, host: str) -> None:
        self.facts.check_trust(host)

    def note_move(self, by: timedelta, offsets: tuple[str, ...]) -> None:
        super().note_move(by, offsets)
        self._clock.check("site", "the site", self._time_shown)

    def _time_shown(self) -> datetime:
        return datetime.fromtimestamp(float(self._app.ask(TIME)), UTC)

    def _cannot(self, what: str) -> CookieproofError:
        return CookieproofError(f"The served app cannot {what}.")
