"""Starts and ends the process that serves an app."""

from __future__ import annotations

import contextlib
import os
import pickle
import secrets
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from cookieproof.errors import CookieproofError, wait_until
from cookieproof.site.job import READY, Job
from cookieproof.site.off_the_clock import descendants, not_mapped, off_the_clock
from cookieproof.site.ports import Listener, listeners
from cookieproof.site.process_watch import ProcessWatch
from cookieproof.site.site_process import SiteProcess

__tracebackhide__ = True  # a failure points at the line of the test

BOOT_SECONDS = 30.0
ASK_SECONDS = 1.0
STOP_SECONDS = 5.0
# The app's folder comes first on the path, as under `flask --app`; this package's comes last.
CHILD = "import sys; sys.path.append(sys.argv.pop()); from cookieproof.site.child import main; main()"


class AppProcess(SiteProcess):
    """Serves one app in a child process, on a loopback port that a restart keeps: the parent owns the socket."""

    def __init__(
        self,
        app: str,
        config: Mapping[str, Any],
        env: Mapping[str, str],
        root: Path,
        folder: Path,
        offset_file: Path | None = None,
        *,
        trusts_proxy: bool = True,
        title: str = "The site",
    ) -> None:
        """Prepare to serve ``app``, spelled as ``flask --app`` spells it, from the folder ``root``.

        Files go to ``folder``. ``offset_file`` is that of the clock, and ``trusts_proxy`` whether the app believes
        ``X-Forwarded-*``. ``title`` is the name with which an error about the end of the process begins: "The site".
        """
        folder.mkdir(parents=True)
        super().__init__(folder, title)
        self._offset_file, self._trusts_proxy = offset_file, trusts_proxy
        self.app, self.config, self.root = app, dict(config), root
        self.env, self.app_info_file = {**os.environ, **env}, folder / "facts.json"
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._child: subprocess.Popen[bytes] | None = None
        self._watch: ProcessWatch | None = None

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._listener.getsockname()
        return host, port

    @property
    def _watched(self) -> ProcessWatch | None:
        return self._watch

    def _listeners(self) -> list[Listener]:
        return [*listeners(descendants(self._child.pid))] if self._child else []

    def restart(self, env: Mapping[str, str] | None = None, **config: Any) -> None:
        """Stop the child and start it on the same port; ``config`` and ``env`` win over the configured values."""
        self.stop()
        self._started_with = {**config, **(env or {})}
        token = secrets.token_hex(8)
        try:
            pickled = pickle.dumps(self.config | config)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise CookieproofError(
                f"The site's configuration cannot be handed to its process: {error}. "
                "Use plain values: text, numbers, lists, dates, timedeltas."
            ) from error
        self._output.begin()
        with self.log_file.open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-c", CHILD, str(Path(__file__).parents[2])],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.root,
                env={**self.env, **(env or {})},
                pass_fds=[self._listener.fileno()],
                start_new_session=True,  # Ctrl-C is for pytest, which still needs the site while it closes
            )
        assert self._child.stdin
        job = Job(self.app, pickled, self._listener.fileno(), token, self.app_info_file, self._trusts_proxy)
        with contextlib.suppress(BrokenPipeError):  # it died already, and the error below quotes its output
            pickle.dump(job, self._child.stdin)
            self._child.stdin.flush()
        try:
            self._wait_until_ready(token)
        except BaseException:
            self.stop()
            raise
        self._watch = ProcessWatch(self._child, [self._listener])

    def off_the_clock(self) -> list[str]:
        """Return the living processes of the app that do not follow the clock, each as ``name (pid)``."""
        child, offset_file = self._child, self._offset_file
        if not child or not offset_file:
            return []
        return off_the_clock(lambda: not_mapped(descendants(child.pid), offset_file))

    def _wait_until_ready(self, token: str) -> None:
        connection = HTTPConnection(*self.address, timeout=BOOT_SECONDS)
        child = self._child
        assert child
        try:
            connection.request("GET", READY)
            # The kernel accepts the connection for a child that never will: watch both.
            wait_until(
                lambda: child.poll() is not None or select.select([connection.sock], [], [], 0)[0],
                f'the site "{self.app}" to start',
                BOOT_SECONDS,
            )
            with contextlib.suppress(HTTPException, OSError):
                if child.poll() is None and connection.getresponse().read().decode() == token:
                    return
        finally:
            connection.close()
        child.wait(STOP_SECONDS)
        raise CookieproofError(
            f'The site "{self.app}" did not start: its process ended with exit code {child.returncode}. '
            f"{self._output.advice}"
        )

    def ask(self, path: str) -> str:
        """Return the text of the child's answer to a path of the harness's own."""
        connection = HTTPConnection(*self.address, timeout=BOOT_SECONDS)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        except (HTTPException, OSError) as error:
            raise CookieproofError(self.death(ASK_SECONDS) or f"The site does not answer: {error}") from None
        finally:
            connection.close()

    def stop(self) -> None:
        """End the child and all processes that it started. The port stays."""
        child, self._child = self._child, None
        watch, self._watch = self._watch, None
        if child is None:
            return
        if watch:
            watch.stop()
        child.terminate()
        if watch:
            watch.wait(STOP_SECONDS)
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        if watch:
            watch.wait()
        assert child.stdin
        with contextlib.suppress(BrokenPipeError):  # it ended before it had read its job
            child.stdin.close()

    def close(self) -> None:
        """End the child and close the socket of its port."""
        self.stop()
        self._listener.close()
