"""The base class of sites whose process runs here, behind the recorder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cookieproof.clock.clock import Clock
from cookieproof.clock.moves import Offset
from cookieproof.errors import CookieproofError
from cookieproof.settings import FILE
from cookieproof.site.recorded_process import RecordedProcess
from cookieproof.site.recorder.hosts import PORTS, matches
from cookieproof.site.site import Secure, Site


class RecordedSite(Site):
    """A site whose process the harness starts, as one test sees it.

    ``url`` is ``http://localhost:PORT``, or https where that is configured; ``log`` and ``wire`` hold what came since
    the test began.
    """

    has_log = True
    can_restart = True

    def __init__(self, process: RecordedProcess[Any], clock: Clock, *, https: bool = False) -> None:
        """Make the site of one test from a process; ``https`` is whether URLs without a named scheme are https."""
        super().__init__(clock, process.recorder, process.recording)
        self._process, self._https = process, https
        self._log_start = process.log_file.stat().st_size
        self.host = process.other or "localhost"
        process.ensure_as_configured()

    @property
    def url(self) -> str:
        return self.at(self.host)

    @property
    def https(self) -> Secure:
        return Secure(self)

    def at(self, host: str, *, https: bool | None = None) -> str:
        """Return the URL of this site under another host name, over https if so configured or asked for.

        Browsers trust ``*.localhost`` names as they trust ``localhost``; they do not trust ``*.test`` names, as no
        name on the internet over http (W3C Secure Contexts, section 3.1). Both have the port of this run; the hosts of
        ``hosts`` in web_server have the default port.
        """
        if not self.has_host(host):
            raise CookieproofError(
                f'The site is not to be had as {host}: name it in {FILE}, web_server = {{"hosts": ["{host}"]}}.'
            )
        scheme = "https" if (self._https if https is None else https) else "http"
        return f"{scheme}://{host}" if matches(host, self._process.named) else f"{scheme}://{host}:{self._process.port}"

    def origin_of(self, url: str) -> str | None:
        try:
            asked = urlsplit(url)
            port = asked.port or PORTS.get(asked.scheme, 0)
        except ValueError:
            return None
        if not self.recording.hosts.are_the_sites(asked.hostname or "", port):
            return None
        return f"{asked.scheme}://{asked.netloc}"

    def check_clock(self, offsets: tuple[Offset, ...]) -> None:
        if exposed := self.tell_exposed():
            raise CookieproofError(exposed)
        if "site" in offsets and (off := self._process.off_the_clock()):
            raise CookieproofError(
                f"The clock of {self._named} cannot be moved: {' and '.join(off)} would not follow it, as no static "
                "binary, no container and no process with a cleaned environment does. Use clock.skew(browser=…) for "
                "what only the browser keeps, or start the site without it."
            )

    def tell_exposed(self) -> str:
        reached = self._process.beyond_loopback()
        if not reached:
            return ""
        self._process.stop()
        return (
            f"The process of {self._named} has come to listen on {' and '.join(reached)}, where other machines reach "
            "it, and was ended: have it listen on 127.0.0.1 alone."
        )

    @property
    def _named(self) -> str:
        return f"the site {self._process.other}" if self._process.other else "the site"

    def restart(self, *, env: Mapping[str, str] | None = None, **config: Any) -> None:
        """Stop the process and start it again; ``env`` and ``config`` win over the configured values.

        The next test gets the site as configured again. Raises ``CookieproofError`` with the process's last lines of
        output if it does not start.
        """
        if not self._death_is_told and (death := self.tell_death()):
            raise CookieproofError(death)  # else no error would ever report it
        self._process.restart(env, **config)
        self._death_is_told = False
        self.note("site restarted", " ".join(filter(None, [self._process.other, ", ".join([*config, *(env or {})])])))

    @property
    def death(self) -> str:
        """How the site's process ended by itself, as a sentence with its last output; an empty text while it lives.

        After a restart, it is about the new process.
        """
        return self._process.death()

    def await_death(self) -> str:
        return self._process.why_unreachable()

    @property
    def log(self) -> str:
        """What the site's process has printed since the test began."""
        return self._process.log_file.read_bytes()[self._log_start :].decode(errors="replace")
