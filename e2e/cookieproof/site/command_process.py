"""Starts and ends a command that serves a site."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from cookieproof.errors import CookieproofError
from cookieproof.site.off_the_clock import not_mapped, off_the_clock
from cookieproof.site.ports import Listener, PortLease
from cookieproof.site.process_group import ProcessGroup
from cookieproof.site.readiness import Readiness
from cookieproof.site.ready_url import ReadyUrl
from cookieproof.site.site_process import SiteProcess
from cookieproof.words import shown

__tracebackhide__ = True  # a failure points at the line of the test

# Not ${port}, which is a variable of the shell.
FILLED_IN = re.compile(r"(?<!\$)\{(port|tmp)\}")


class CommandProcess(SiteProcess):
    """Runs one command that serves a site on a loopback port, which may change with each start.

    The command is ready once it listens, on loopback only, and answers ``url`` with a status below 500.
    """

    def __init__(
        self,
        command: str,
        *,
        url: str = "/",
        env: Mapping[str, str],
        cwd: Path,
        timeout: float,
        folder: Path,
        tmp: Path | None = None,
        offset_file: Path | None = None,
        title: str = "The site",
    ) -> None:
        """Prepare to run ``command`` by /bin/sh in ``cwd``, with ``{port}`` and ``{tmp}`` filled in, in ``env`` too.

        ``env`` is added to this process's environment. ``timeout`` is the seconds until the site must be ready. Files
        go to ``folder``, and ``tmp`` is the folder for ``{tmp}``, one in ``folder`` by default. ``offset_file`` is
        that of the clock. ``title`` is the name with which an error about the end of the command begins: "The site".
        """
        if sys.platform != "linux":
            raise CookieproofError(
                "A site's command needs Linux, where all of it can be ended: serve an app with --site."
            )
        self.command, self.cwd, self.env = command, cwd, dict(env)
        if not any("port" in FILLED_IN.findall(text) for text in (command, *env.values())):
            raise CookieproofError(
                f"The site's command `{shown(command)}` has no {{port}}: write it where the port to listen on is said, "
                'there or in web_server["env"].'
            )
        self._url, self._timeout, self._offset_file = ReadyUrl(url), timeout, offset_file
        self._tmp, home, temporary = tmp or folder / "tmp", folder / "home", folder / "temporary"
        for each in (folder, self._tmp, home, temporary):
            each.mkdir(parents=True, exist_ok=True)
        super().__init__(folder, title)
        # First on the PATH is what is installed with this Python: gunicorn, flask.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        self._environment = {**os.environ, "PATH": path, "HOME": str(home), "TMPDIR": str(temporary)}
        self._port: PortLease | None = None
        self._host = "127.0.0.1"
        self._group: ProcessGroup | None = None

    @property
    def port(self) -> int:
        """The port on which the site listens at present; a restart may change it."""
        return self.address[1]

    @property
    def address(self) -> tuple[str, int]:
        """The loopback host and the port on which the site listens at present; the host is 127.0.0.1 where possible."""
        assert self._port
        return self._host, self._port.port

    @property
    def _watched(self) -> ProcessGroup | None:
        return self._group

    def _listeners(self) -> list[Listener]:
        return self._group.with_listeners(self.port)[1] if self._group else []

    def restart(self, env: Mapping[str, str] | None = None, **config: Any) -> None:
        """Stop the command and start it; ``env`` wins over the configured variables."""
        self.stop()
        self._started_with = dict(env or {})
        self._take_a_port()
        self._output.begin()
        variables = {name: self._filled_in(value) for name, value in (self.env | self._started_with).items()}
        self._group = ProcessGroup(
            self._filled_in(self.command), self._environment | variables, self.cwd, self.log_file
        )
        try:
            readiness = Readiness(self.command, self._group, self.port, self._url, self._output)
            self._host = readiness.wait(self._timeout)
        except BaseException:
            self.stop()
            raise

    def processes(self) -> list[psutil.Process]:
        """Return the living processes of the site: all that the command has started, and any that holds the port."""
        return self._group.with_listeners(self.port)[0] if self._group else []

    def off_the_clock(self) -> list[str]:
        """Return the living processes of the site that do not follow the clock, each as ``name (pid)``.

        A process that has just started is given a second.
        """
        return off_the_clock(self._off_the_clock)

    def stop(self) -> None:
        """End the command and all processes that it started, by SIGTERM first."""
        group, self._group = self._group, None
        if group:
            group.stop()

    def close(self) -> None:
        """End the command and release its port."""
        self.stop()
        if self._port:
            self._port.close()
            self._port = None

    def _filled_in(self, text: str) -> str:
        values = {"port": str(self.port), "tmp": str(self._tmp)}
        return FILLED_IN.sub(lambda found: values[found[1]], text)

    def _take_a_port(self) -> None:
        """Lease a port; keep the last one if nobody, and no old connection, holds it."""
        if self._port and not self._port.is_free:
            self._port.close()
            self._port = None
        self._port = self._port or PortLease()

    def _off_the_clock(self) -> list[str]:
        if not self._offset_file or not self._group:
            return []
        found, listening = self._group.with_listeners(self.port)
        others = [f"another user's process, which listens on {each}" for each in listening if not each.process]
        return others + not_mapped(found, self._offset_file)
