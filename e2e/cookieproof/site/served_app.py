"""The kind of site that is an app, served by the harness."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from cookieproof import settings
from cookieproof.clock.clock import Clock
from cookieproof.clock.moves import Move
from cookieproof.errors import CookieproofError
from cookieproof.site.app_info import AppInfo
from cookieproof.site.app_name import check_app
from cookieproof.site.app_process import AppProcess
from cookieproof.site.command_site import KEYS
from cookieproof.site.job import TIME
from cookieproof.site.recorded_process import RecordedProcess
from cookieproof.site.recorded_site import RecordedSite
from cookieproof.site.site_spec import Option, SiteSpec
from cookieproof.site.sites import Sites

if TYPE_CHECKING:
    from cookieproof.site.site import MakeSite

# The arguments of the marker that are keys of ``web_server``, and not Flask's configuration.
MARKED = ("env", "setup", "hosts", "https", "trusts_proxy")


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
        """Return a function that makes the site, if marker, ``--site`` or settings name an app; else None.

        The marker wins over the option, and the option over the settings.
        """
        web_server, marker = spec.web_server, spec.marker
        marked = dict(marker.kwargs) if marker else {}
        # Flask's own configuration is in upper case, what stands in web_server in lower case.
        said = {name: marked.pop(name) for name in MARKED if name in marked}
        app: str | None
        if marker and marker.args:
            app = marker.args[0]
            if (marker.folder / app.partition(":")[0]).exists():
                app = os.path.normpath(marker.folder / app)  # one spelling for each, so that it is served once
            else:
                check_app(app, spec.root, "@pytest.mark.site")
            # config and setup are the configured app's own.
            told = {**web_server, "config": {}, "setup": ""}
        else:
            told = dict(web_server)
            if app := spec.options.get("site"):
                check_app(app, spec.root, "--site")
            elif app := web_server.get("app"):
                check_app(app, spec.root, f"{settings.FILE}: {spec.where}")
                if spec.options.get("base_url"):
                    return None
            if not app:
                return None
        for name in marked.keys() & (KEYS.keys() - {*MARKED}):
            raise CookieproofError(
                f"@pytest.mark.site({name}=…) is about a command, and the site is an app: leave it out, or name a "
                "command."
            )
        # env of web_server is for every app of the run, as the machine's environment is.
        told |= {**said, "env": {**web_server.get("env", {}), **said.get("env", {})}}
        told["config"] = {**told.get("config", {}), **marked}
        return lambda sites: cls._of(sites, app, told, spec)

    @classmethod
    def _of(cls, sites: Sites, app: str, told: Mapping[str, Any], spec: SiteSpec) -> ServedApp:
        """Return the app for one test, with a log and a wire that begin with the test. Equal apps share one process.

        ``told`` holds what ``web_server`` and the marker say of the app.
        """
        config = {name: sites.fill_in(value) for name, value in told["config"].items()}
        env = {name: sites.fill_in(value) for name, value in told["env"].items()} | sites.clock.env("site")
        sites.set_up(told.get("setup", ""), config, env)
        trusts_proxy, hosts = told.get("trusts_proxy", True), (*filter(None, [spec.other]), *told.get("hosts", ()))

        def make(folder: Path) -> RecordedProcess[AppProcess]:
            process = AppProcess(
                app,
                config,
                env,
                sites.root,
                folder,
                sites.clock.offset_file("site"),
                trusts_proxy=trusts_proxy,
                title=spec.title,
            )
            return RecordedProcess(process, sites.recorder, hosts, spec.allow_hosts, spec.other)

        key = (cls, app, *(repr(sorted(each.items())) for each in (config, env)), trusts_proxy, hosts, spec.other)
        return cls(sites.keep(key, make), sites.clock, https=told.get("https", False))

    @property
    def app_info(self) -> AppInfo:
        """The facts that the app's process wrote at its last start."""
        return AppInfo(**json.loads(self._app.app_info_file.read_text()))

    def check_host(self, host: str) -> None:
        self.app_info.check_trust(host)

    def note_move(self, move: Move) -> None:
        super().note_move(move)
        self._clock.check("site", "the site", self._time_shown)

    def _time_shown(self) -> datetime:
        return datetime.fromtimestamp(float(self._app.ask(TIME)), UTC)

    def _cannot(self, what: str) -> CookieproofError:
        return CookieproofError(f"The served app cannot {what}.")
