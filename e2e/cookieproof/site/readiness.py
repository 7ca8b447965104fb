"""Waits until a site's command serves the site, and explains if it does not."""

from __future__ import annotations

import time

from cookieproof.errors import CookieproofError, DeadlineExceeded, wait_until
from cookieproof.site.output import Output
from cookieproof.site.ports import listening_sockets
from cookieproof.site.process_group import ProcessGroup
from cookieproof.site.ready_url import ReadyUrl
from cookieproof.words import shown

__tracebackhide__ = True  # a failure points at the line of the test

NOT_FOUND = 127  # what a shell ends with if there is no such program


class Readiness:
    """Waits until a command listens, on loopback only, and answers its URL with a status below 500."""

    def __init__(self, command: str, group: ProcessGroup, port: int, url: ReadyUrl, output: Output) -> None:
        self._command, self._group, self._port = shown(command), group, port
        self._url, self._output = url, output
        self._host = ""  # on which it listens; empty until it does
        self._status = 0  # of its last answer

    def wait(self, seconds: float) -> str:
        """Wait until the command is ready, for so many seconds at most, and return the loopback host where it listens.

        Raises ``CookieproofError`` if it ends, is late, or listens beyond loopback.
        """
        deadline = time.monotonic() + seconds
        seen: frozenset[tuple[str, str]] = frozenset()

        def is_ready() -> bool:
            nonlocal seen
            if self._group.ending:
                raise CookieproofError(self._why_it_ended())
            # To find the processes of sockets takes long, so it is done only when the sockets have changed.
            if (now := listening_sockets()) != seen:
                seen = now
                self._look_where_it_listens()
            if not self._host:
                return False
            left = max(deadline - time.monotonic(), 0)
            self._status = self._url.ask((self._host, self._port), left) or self._status
            if not 0 < self._status < 500:
                return False
            self._look_where_it_listens()  # it may have opened more meanwhile
            return bool(self._host)

        try:
            wait_until(is_ready, "the site's command to be ready", seconds)
        except DeadlineExceeded:
            raise CookieproofError(self._why_it_is_late(seconds)) from None
        return self._host

    def _look_where_it_listens(self) -> None:
        """Find the host where it listens. Raises ``CookieproofError`` beyond loopback, or if another has its port."""
        _, listening = self._group.with_listeners(self._port)
        on_the_port = [each for each in listening if each.port == self._port]
        for each in on_the_port:
            if each.process and self._group.is_younger(each.process):
                raise CookieproofError(
                    f"Port {self._port} is not free for the site's command `{self._command}`: "
                    f"{each.process.name()} ({each.process.pid}), which the command did not start, listens on it. "
                    "End it, or try again."
                )
        for each in listening:
            if not each.is_loopback:
                raise CookieproofError(
                    f"The site's command `{self._command}` listens on {each}, where other machines reach it: "
                    "have it listen only on 127.0.0.1."
                )
        self._host = min((each.host for each in on_the_port), default="")

    def _why_it_ended(self) -> str:
        code = self._group.exit_code
        how = (
            f"a program that it names is not found (exit code {NOT_FOUND})"
            if code == NOT_FOUND
            else "it ended with exit code 0, and must stay in the foreground"
            if code == 0
            else f"it ended {self._group.ending}"
        )
        return f"The site's command `{self._command}` did not start: {how}. {self._output.advice}"

    def _why_it_is_late(self, seconds: float) -> str:
        if self._group.ending:
            return self._why_it_ended()
        said = self._output.said
        if not self._host:
            _, listening = self._group.with_listeners(self._port)
            instead = f", but on {' and '.join(sorted({*map(str, listening)}))}" if listening else ""
            return (
                f"The site's command `{self._command}` does not listen on port {self._port} after {seconds:g} s"
                f"{instead}: have it listen on 127.0.0.1:{{port}}. {said}"
            )
        if self._status:
            return (
                f"The site's command `{self._command}` still answers GET {self._url.path} with {self._status} after "
                f'{seconds:g} s: mend it, or name a path that it answers below 500 in web_server["url"]. {said}'
            )
        return (
            f"The site's command `{self._command}` listens, but has not answered GET {self._url.path} within "
            f'{seconds:g} s: mend it, or give it longer by web_server["timeout"]. {said}'
        )
